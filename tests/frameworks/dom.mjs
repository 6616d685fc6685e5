// A document for frameworks that render, without a browser.
import { Window } from "happy-dom";

const window = new Window({ url: "https://app.test/" });
const names = ["window", "document", "navigator", "Node", "Element", "HTMLElement", "SVGElement", "Text", "Comment", "Event", "MutationObserver"];
for (const name of names) Object.defineProperty(globalThis, name, { value: window[name], configurable: true, writable: true });

/** Adds an element with this content to the document; removes it after the test. */
export function place(t, html = "") {
  const element = document.createElement("div");
  element.innerHTML = html;
  document.body.append(element);
  t.after(() => element.remove());
  return element;
}
