/** Where the page connects to, and as which instance. */
export interface Settings {
  /** Address of the service, without a trailing slash. */
  readonly service: string;
  readonly instanceId: string;
  /** Empty: the page works without the key. */
  readonly instanceKey: string;
}

/** The identity that every fresh mock server knows. */
export const demoInstance = {
  instanceId: "11111111-1111-4111-8111-111111111111",
  instanceKey: "22222222-2222-4222-8222-222222222222",
  inviteCode: "DEMO01",
} as const;

/** Reads the settings out of the page's address: `?service=` and `?instance=`; the page's own origin and the demo instance otherwise. */
export function settingsFrom(address: URL): Settings {
  const instanceId = address.searchParams.get("instance") ?? demoInstance.instanceId;
  return {
    service: serviceAddress(address.searchParams.get("service") ?? address.origin) ?? address.origin,
    instanceId,
    instanceKey: instanceId === demoInstance.instanceId ? demoInstance.instanceKey : "",
  };
}

/** The page's address that brings these settings back after a reload. The key is a secret and never part of it. */
export function addressOf(settings: Settings, page: URL): URL {
  const address = new URL(page.pathname, page);
  if (settings.service !== page.origin) address.searchParams.set("service", settings.service);
  if (settings.instanceId !== demoInstance.instanceId) address.searchParams.set("instance", settings.instanceId);
  return address;
}

/** The address in the form the client wants it, or null where it is no http(s) address, or carries credentials. */
export function serviceAddress(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") return null;
  return (url.origin + url.pathname).replace(/\/+$/, "");
}
