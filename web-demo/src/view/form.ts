import { html, nothing, type TemplateResult } from "lit-html";

/** The properties of a text field. */
export interface FieldOptions {
  readonly name: string;
  readonly label: string;
  readonly type?: "text" | "url" | "email" | "tel" | "password";
  readonly value?: string;
  readonly hint?: string;
  readonly mono?: boolean;
  readonly required?: boolean;
}

/** A labelled text field. Its id is `form-name`. */
export function field(form: string, options: FieldOptions): TemplateResult {
  const id = `${form}-${options.name}`;
  return html`
    <div class="field">
      <label for=${id}>${options.label}</label>
      <input
        id=${id}
        name=${options.name}
        type=${options.type ?? "text"}
        class=${options.mono === true ? "mono" : ""}
        .value=${options.value ?? ""}
        ?required=${options.required ?? false}
        aria-describedby=${options.hint === undefined ? nothing : `${id}-hint`}
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
      />
      ${options.hint === undefined ? nothing : html`<p class="hint" id="${id}-hint">${options.hint}</p>`}
    </div>
  `;
}

/** A listener for `submit` that prevents navigation and passes the trimmed values of the fields to `handle`. */
export function submitted(handle: (value: (name: string) => string) => void): (event: SubmitEvent) => void {
  return (event) => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const data = new FormData(event.currentTarget);
    handle((name) => {
      const value = data.get(name);
      return typeof value === "string" ? value.trim() : "";
    });
  };
}
