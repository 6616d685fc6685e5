// @ts-check
// The mock uses the `Date` and the timers of this process, so fake timers move the app and its service together.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { withMock } from "./suite.js";

const refresh = { method: "POST", path: "/v1/Auth/RefreshToken" };
const read = { method: "GET", path: "/v1/Management/users" };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("an app that is opened after six days refreshes first", () =>
  withMock(async (mock, app) => {
    vi.setSystemTime(Date.now() + 6 * 86_400_000);
    expect(await app.greeting()).toBe("Hello Ada");
    await mock.verifySequence([{ ...refresh, status: 200 }, { ...read, status: 200 }]);
  }));

test("an answer that takes five seconds arrives when five seconds have been skipped", () =>
  withMock(async (mock, app) => {
    await mock.faults.add({ match: read, times: 1, then: { delayMs: 5000 } });
    const shown = vi.fn();
    const greeted = app.greeting().then(shown);
    await vi.advanceTimersByTimeAsync(4999);
    expect(shown).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await greeted;
    expect(shown).toHaveBeenCalledWith("Hello Ada");
  }));
