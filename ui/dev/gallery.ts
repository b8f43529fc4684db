// The gallery: `gallery.html?scene=home` shows one screen with invented views, with no Rust behind it. Without a
// scene it lists them. `&theme=contrast` and `&lang=en` show the other looks. Not part of the product's bundle.

import { mount } from "svelte";
import "../src/design/base.css";
import "../src/design/fonts.css";
import "../src/design/tokens.css";
import { look } from "../src/design/look.svelte";
import { scenes } from "../src/fixtures/scenes";
import CitizenApp from "../src/screens/CitizenApp.svelte";
import OperatorApp from "../src/screens/OperatorApp.svelte";
import { language } from "../src/strings/language.svelte";

const target = document.getElementById("app");
const asked = new URLSearchParams(location.search);
const make = scenes[asked.get("scene") ?? ""];

if (target && make) {
  const scene = make();
  if (asked.get("theme") === "contrast") look.contrast = true;
  if (asked.get("lang") === "en") language.set("en");
  if (scene.window === "operator") mount(OperatorApp, { target, props: { desk: scene.desk } });
  else mount(CitizenApp, { target, props: { side: scene.side, backend: scene.backend } });
} else if (target) {
  document.body.style.overflow = "auto";
  for (const name of Object.keys(scenes)) {
    const link = document.createElement("a");
    link.href = `?scene=${name}`;
    link.textContent = name;
    link.style.display = "block";
    target.append(link);
  }
}
