import { enter, open } from "./entrance.js";
import { handle } from "./forms.js";
import { mutate } from "./graphql.js";

open();

handle("claim", async () => {
  await mutate("ClaimAdmin", { token: document.getElementById("admin-link").dataset.token });
  return enter("/");
});
