import "./styles/theme.css";
import "./styles/layout.css";
import "./styles/controls.css";
import "./styles/session.css";
import "./styles/log.css";
import { render } from "lit-html";
import { Demo } from "./demo";
import { settingsFrom } from "./settings";
import type { State } from "./state";
import { page } from "./view/page";
import { revealResult } from "./view/reveal";

const root = document.querySelector<HTMLElement>("#app");
if (root === null) throw new Error("The page has no #app element.");

const settings = settingsFrom(new URL(location.href));
let shown: State | null = null;
const demo = new Demo(settings, (state) => {
  render(page(state, demo), root);
  revealResult(shown, state);
  shown = state;
});
void demo.connect(settings);
