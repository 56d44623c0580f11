import { enter, open } from "./entrance.js";
import { handle } from "./forms.js";
import { mutate } from "./graphql.js";

open();

const { token, becomeCoach } = document.getElementById("invitation").dataset;

handle("accept", async (values) => {
  if (becomeCoach === "True") await mutate("BecomeCoach");
  const areas = Object.keys(values);
  await mutate("AcceptCoachingInvitation", areas.length ? { token, areas: areas.filter((area) => values[area]) } : { token });
  return enter("/");
});
