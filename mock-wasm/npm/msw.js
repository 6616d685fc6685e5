// @ts-check
// The entry `telematics-mock/msw`: a mock in this program, as handlers for Mock Service Worker.
import { HttpResponse, http } from "msw";

/** @type {typeof import("./msw.d.ts").mockHandlers} */
export function mockHandlers({ url, fetch }) {
  /** @param {{ request: Request }} info */
  const answer = async ({ request }) => {
    try {
      // The interceptors of MSW follow redirects.
      return /** @type {HttpResponse<never>} */ (await fetch(request, { redirect: "manual" }));
    } catch {
      return HttpResponse.error();
    }
  };
  return [http.all(`${url}/*`, answer)];
}
