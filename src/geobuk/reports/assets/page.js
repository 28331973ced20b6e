// Language, colours, numbers: what every chart of the report shares.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const root = document.documentElement;
const charts = [];

const word = (code) => data.texts[code][root.lang === "ko" ? 1 : 0];
const pick = (pair) => pair[root.lang === "ko" ? 1 : 0];
const color = (name) => getComputedStyle(root).getPropertyValue("--" + name).trim();
const palette = () => ["accent", "c2", "c3", "c4", "c5", "muted"].map(color);
const escaped = (text) => String(text).replace(/[&<>"']/g, (c) => "&#" + c.charCodeAt(0) + ";");

function number(value, digits, sign) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const text = Math.abs(value).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const isZero = !/[1-9]/.test(text);
  return (isZero ? "" : value < 0 ? "−" : sign ? "+" : "") + text;
}
const percent = (value, digits = 1, sign = false) => (value === null ? "–" : number(value * 100, digits, sign) + "\u202f%");
const money = (value, sign = false) => number(value, Math.abs(value) < 1e6 ? 2 : 0, sign) + (data.currency ? "\u202f" + data.currency : "");
const price = (value) => (value === null ? "–" : number(value, Math.max(0, Math.min(10, 5 - Math.floor(Math.log10(Math.abs(value) || 1))))));
function compact(value) {
  const size = Math.abs(value);
  const [unit, letter] = size >= 1e9 ? [1e9, "B"] : size >= 1e6 ? [1e6, "M"] : [1, ""];
  const shown = value / unit;
  return (value < 0 ? "−" : "") + Math.abs(shown).toLocaleString("en-US", { maximumFractionDigits: size < 10 ? 2 : letter ? 1 : 0 }) + letter;
}

function when(seconds, withTime = true) {
  const text = new Date(seconds * 1000).toISOString();
  return withTime ? text.slice(0, 10) + " " + text.slice(11, 16) : text.slice(0, 10);
}

const dot = (hue) => `<span style="display:inline-block;width:9px;height:9px;border-radius:5px;margin-right:6px;background:${hue}"></span>`;
const line = (name, value, hue) => `<div style="display:flex;gap:18px;justify-content:space-between"><span>${hue ? dot(hue) : ""}${escaped(name)}</span><b>${value}</b></div>`;

function base() {
  return {
    useUTC: true,
    animation: false,
    color: palette(),
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: color("ink") },
    grid: { left: 62, right: 16, top: 28, bottom: 28 },
    tooltip: {
      trigger: "axis", confine: true, backgroundColor: color("surface"), borderColor: color("line"),
      textStyle: { color: color("ink"), fontSize: 13 }, axisPointer: { lineStyle: { color: color("muted") } },
    },
  };
}

const labels = () => ({ color: color("muted"), fontSize: 12, hideOverlap: true });
const timeFormat = () => (root.lang === "ko"
  ? { year: "{yyyy}", month: "{M}월", day: "{M}/{d}", hour: "{HH}:{mm}", minute: "{HH}:{mm}" }
  : { year: "{yyyy}", month: "{MMM}", day: "{MMM} {d}", hour: "{HH}:{mm}", minute: "{HH}:{mm}" });
const timeAxis = (extra = {}) => ({
  type: "time", axisLine: { lineStyle: { color: color("line") } }, axisTick: { lineStyle: { color: color("line") } },
  splitLine: { show: false }, axisLabel: { ...labels(), formatter: timeFormat() }, ...extra,
});
const valueAxis = (format, extra = {}) => ({
  type: "value", axisLabel: { ...labels(), formatter: format }, splitLine: { lineStyle: { color: color("soft") } },
  axisLine: { show: false }, splitNumber: 4, ...extra,
});
const slider = (extra = {}) => ({
  type: "slider", height: 18, bottom: 6, borderColor: color("line"), fillerColor: color("accent-soft"), brushSelect: false,
  handleStyle: { color: color("accent"), borderColor: color("accent") }, moveHandleSize: 4, showDetail: false,
  moveHandleStyle: { color: color("muted") }, dataBackground: { lineStyle: { color: color("line") }, areaStyle: { color: color("soft") } },
  selectedDataBackground: { lineStyle: { color: color("muted") }, areaStyle: { color: color("accent-soft") } }, ...extra,
});
const widthOf = (id) => document.getElementById(id).clientWidth;
const points = (at, values) => at.map((t, i) => [t * 1000, values[i]]);

function add(id, option) {
  const place = document.getElementById(id);
  if (!place) return null;
  const chart = echarts.init(place, null, { renderer: "canvas" });
  charts.push({ chart, option });
  return chart;
}

function draw() {
  document.title = word("page_title") + " · " + data.title;
  for (const { chart, option } of charts) chart.setOption(option(), true);
  for (const button of document.querySelectorAll(".languages button")) {
    button.setAttribute("aria-pressed", String(button.value === root.lang));
  }
}

function start() {
  for (const button of document.querySelectorAll(".languages button")) {
    button.addEventListener("click", () => { root.lang = button.value; draw(); });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  let waiting = 0;
  addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { charts.forEach(({ chart }) => chart.resize()); draw(); }, 120);
  });
  draw();
}
