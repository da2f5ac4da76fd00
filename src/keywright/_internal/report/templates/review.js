"use strict";
const { people, conditions, lists, keys: numbers } = JSON.parse(document.querySelector("#data").textContent);
const form = document.querySelector("form");
const keys = [...document.querySelectorAll("details.key")];
const held = numbers.map((columns) => columns.map((number) => lists[number]));
const MOST_ON_PAPER = 200;
const WORDS = ["", "conditional", "unknown"];
const fill = (key, most = Infinity) => {
  const columns = held[keys.indexOf(key)];
  key.querySelectorAll("ul.holders").forEach((list, column) => {
    if (list.childElementCount >= Math.min(columns[column].length, most)) return;
    const folded = (count) => {
      const more = document.createElement("li");
      more.textContent = `and ${count} more, in the CSV file`;
      return more;
    };
    list.replaceChildren(...columns[column].slice(0, most).map((entry) => {
      if (entry < 0) return folded(-entry);
      const [person, access = 0, condition] = Array.isArray(entry) ? entry : [entry];
      const [name, kind, used, unused] = people[person];
      const item = document.createElement("li");
      item.append(kind === "principal" || kind === "root" ? name : `${kind} ${name}`);
      const remarks = [WORDS[access], conditions[condition], used === "-" ? "no use seen" : used && `last used ${used}`,
        unused ? "unused" : ""].filter(Boolean).join("; ");
      if (remarks) {
        const quiet = document.createElement("span");
        quiet.className = "quiet";
        quiet.textContent = ` ${remarks}`;
        item.append(quiet);
      }
      return item;
    }));
    if (columns[column].length > most) list.append(folded(columns[column].length - most));
  });
};
for (const key of keys) key.addEventListener("toggle", () => { if (key.open) fill(key); });
const texts = new Map();
const text = (key) => {
  if (!texts.has(key)) {
    const entries = held[keys.indexOf(key)].flat().map((entry) => (Array.isArray(entry) ? entry[0] : entry));
    const names = new Set(entries.filter((person) => person >= 0).map((person) => people[person][0]));
    texts.set(key, `${key.textContent} ${[...names].join(" ")}`.toLowerCase());
  }
  return texts.get(key);
};
const choose = () => {
  const { words, only } = Object.fromEntries(new FormData(form));
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const key of keys) {
    const fits = (!only || key.dataset.only.split(" ").includes(only)) && wanted.every((word) => text(key).includes(word));
    key.hidden = !fits;
    count += fits;
  }
  document.querySelector("#count").textContent = `${count} of ${keys.length} keys shown`;
};
form.hidden = false;
form.addEventListener("input", choose);
form.addEventListener("submit", (event) => event.preventDefault());
const decisions = () => {
  const quote = (value) => `"${value.replaceAll('"', '""')}"`;
  const signed = [["all keys", document.querySelector("main > section .sign")],
    ...keys.map((key) => [key.querySelector("code").textContent, key.querySelector(".sign")])]
    .map(([name, sign]) => [name, ...[...sign.querySelectorAll("input")].map((input) => input.value)])
    .filter(([, ...values]) => values.some(Boolean));
  return ["key,name,date,decision", ...signed.map((row) => row.map(quote).join(","))].join("\r\n");
};
document.querySelector("#save").addEventListener("click", () => {
  const link = document.createElement("a");
  link.download = "decisions.csv";
  link.href = `data:text/csv;charset=utf-8,${encodeURIComponent(decisions())}`;
  link.click();
});
let opened = [];
addEventListener("beforeprint", () => {
  opened = keys.filter((key) => !key.hidden && !key.open);
  for (const key of opened) { fill(key, MOST_ON_PAPER); key.open = true; }
});
addEventListener("afterprint", () => { for (const key of opened) key.open = false; });
choose();
