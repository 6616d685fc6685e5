import { html, type TemplateResult } from "lit-html";

/** A labelled list of choices; `options` are the texts by their values. Its id is `form-name`. */
export function select(form: string, name: string, label: string, options: Readonly<Record<string, string>>): TemplateResult {
  const id = `${form}-${name}`;
  return html`
    <div class="field">
      <label for=${id}>${label}</label>
      <select id=${id} name=${name}>
        ${Object.entries(options).map(([value, text]) => html`<option value=${value}>${text}</option>`)}
      </select>
    </div>
  `;
}
