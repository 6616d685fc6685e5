import "./styles/theme.css";
import "./styles/layout.css";
import "./styles/controls.css";
import "./styles/session.css";
import "./styles/log.css";
import { render } from "lit-html";
import { Demo } from "./demo";
import { settingsFrom } from "./settings";
import { page } from "./view/page";

const root = document.querySelector<HTMLElement>("#app");
if (root === null) throw new Error("The page has no #app element.");

const settings = settingsFrom(new URL(location.href));
const demo = new Demo(settings, (state) => render(page(state, demo), root));
void demo.connect(settings);
