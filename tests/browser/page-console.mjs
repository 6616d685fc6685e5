// @ts-check
// The console of a page, recorded inside the page, because WebKit's driver does not give out the console.

/** The first script of every page: it records messages, uncaught errors and policy violations. The storage of the tab keeps them over a reload. */
export const consoleScript = `(() => {
  const record = (text) => sessionStorage.setItem("console", JSON.stringify([...JSON.parse(sessionStorage.getItem("console") ?? "[]"), text]));
  for (const type of ["debug", "log", "info", "warn", "error", "trace", "dir", "table", "assert"]) {
    const write = console[type];
    console[type] = (...values) => {
      record(type + ": " + values.map(String).join(" "));
      write.apply(console, values);
    };
  }
  addEventListener("error", (event) => record("uncaught: " + event.message));
  addEventListener("unhandledrejection", (event) => record("uncaught: " + event.reason));
  document.addEventListener("securitypolicyviolation", (event) => record("forbidden: " + event.blockedURI));
})();`;

/** The messages that the pages of this origin have written in this tab so far, and the addresses that the present page has requested. @param {import("./tab.mjs").Tab} tab @returns {Promise<{ messages: string[], addresses: string[] }>} */
export function recorded(tab) {
  return tab.evaluate(`({
    messages: JSON.parse(sessionStorage.getItem("console") ?? "[]"),
    addresses: [location.href, ...performance.getEntriesByType("resource").map(({ name }) => name)],
  })`);
}
