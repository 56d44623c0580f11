// Forms that say what is wrong where it is wrong.
import { Failed } from "./graphql.js";

/** Calls `act` with the form's values on submit, and shows what it throws. */
export function handle(id, act) {
  const form = document.getElementById(id);
  if (!form) return;
  const fieldset = form.querySelector("fieldset");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clear(form);
    const values = read(form); // before disabling: disabled inputs are not read
    if (!present(form)) return;
    fieldset.disabled = true;
    try {
      await act(values, form);
    } catch (failure) {
      if (!(failure instanceof Failed)) throw failure;
      fieldset.disabled = false;
      show(form, failure.errors);
    } finally {
      fieldset.disabled = false;
    }
  });
  fieldset.disabled = false;
}

function read(form) {
  return Object.fromEntries(
    [...form.elements].filter((input) => input.name).map((input) => [input.name, input.type === "checkbox" ? input.checked : input.value]),
  );
}

function present(form) {
  const missing = [...form.elements].filter((input) => input.required && !input.value.trim());
  show(form, missing.map((input) => ({ field: [input.name], message: "Fill this in." })));
  return missing.length === 0;
}

function clear(form) {
  for (const place of form.querySelectorAll("[data-error], [data-done]")) place.hidden = true;
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
}

export function show(form, errors) {
  for (const error of errors) {
    const name = error.field.join(".");
    const place = [...form.querySelectorAll("[data-error]")].find((each) => each.dataset.error === name) ?? form.querySelector('[data-error=""]');
    place.textContent = place.hidden ? error.message : `${place.textContent} ${error.message}`;
    place.hidden = false;
    form.elements[name]?.setAttribute?.("aria-invalid", "true");
  }
  const first = form.querySelector("[aria-invalid]");
  first?.focus();
}
