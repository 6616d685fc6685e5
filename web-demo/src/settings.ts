import { ownService } from "./own-service";

/** The service that the page uses, and the instance as which it connects. */
export interface Settings {
  /** The address of the service, without a trailing slash. */
  readonly service: string;
  readonly instanceId: string;
  /** Empty if the page works without the key. */
  readonly instanceKey: string;
}

/** The instance Demo, which every fresh mock server has. */
export const demoInstance = {
  instanceId: "11111111-1111-4111-8111-111111111111",
  instanceKey: "22222222-2222-4222-8222-222222222222",
  inviteCode: "DEMO01",
} as const;

/** Reads `?service=` and `?instance=` from the page's address. The defaults are the service that comes with the page and the demo instance. */
export function settingsFrom(address: URL): Settings {
  const instanceId = address.searchParams.get("instance") ?? demoInstance.instanceId;
  return {
    service: serviceAddress(address.searchParams.get("service") ?? "") ?? ownService(address),
    instanceId,
    instanceKey: instanceId === demoInstance.instanceId ? demoInstance.instanceKey : "",
  };
}

/** The page's address with these settings, so that a reload keeps them. The key is a secret and never part of it. */
export function addressOf(settings: Settings, page: URL): URL {
  const address = new URL(page.pathname, page);
  if (settings.service !== ownService(page)) address.searchParams.set("service", settings.service);
  if (settings.instanceId !== demoInstance.instanceId) address.searchParams.set("instance", settings.instanceId);
  return address;
}

/** The address in the form that the client expects; null if it is not an http or https address, or contains credentials. */
export function serviceAddress(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") return null;
  return (url.origin + url.pathname).replace(/\/+$/, "");
}
