"use strict";
const form = document.querySelector("form");
const keys = [...document.querySelectorAll("details.key")];
const texts = new Map();
const text = (key) => {
  if (!texts.has(key)) texts.set(key, `${key.textContent} ${key.dataset.words}`.toLowerCase());
  return texts.get(key);
};
const choose = () => {
  const { words, worst, account, region } = Object.fromEntries(new FormData(form));
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const key of keys) {
    const { worst: w, account: a, region: r } = key.dataset;
    const fits = (!worst || worst === w || (worst === "any" && w !== "fine")) && (!account || account === a)
      && (!region || region === r) && wanted.every((word) => text(key).includes(word));
    key.hidden = !fits;
    count += fits;
  }
  document.querySelector("#count").textContent = `${count} of ${keys.length} keys shown`;
};
form.hidden = false;
form.addEventListener("input", choose);
form.addEventListener("submit", (event) => event.preventDefault());
let opened = [];
addEventListener("beforeprint", () => {
  opened = keys.filter((key) => !key.hidden && !key.open && key.dataset.worst !== "fine");
  for (const key of opened) key.open = true;
});
addEventListener("afterprint", () => { for (const key of opened) key.open = false; });
choose();
