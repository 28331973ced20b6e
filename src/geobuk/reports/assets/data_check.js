// The prices of one series with what is masked, missing and named; the map of lost bars chooses it.
"use strict";

const chosenSeries = document.getElementById("series");
const hues = () => ({ masked: color("warn-line"), missing: color("alarm") });

function spans(found, hue, opacity) {
  return found.map(([first, last]) => [{ xAxis: first * 1000, itemStyle: { color: hue, opacity } }, { xAxis: last * 1000 }]);
}

function near(picture, at) {
  let low = 0, high = picture.at.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (picture.at[middle] < at) low = middle + 1; else high = middle;
  }
  return picture.price[low];
}

function seriesOption() {
  const option = base(), picture = data.pictures[Number(chosenSeries.value)], hue = hues();
  const severities = { error: color("alarm"), warning: color("c2"), info: color("c4") };
  const dots = picture.places.map((place) => ({ value: [place.at * 1000, near(picture, place.at)], place, itemStyle: { color: severities[place.severity] } }));
  return {
    ...option,
    grid: { left: 66, right: 16, top: 16, bottom: 62 },
    xAxis: timeAxis(),
    yAxis: valueAxis((v) => v.toLocaleString("en-US", { maximumSignificantDigits: 6 }), { scale: true, splitNumber: 5 }),
    dataZoom: [slider({ xAxisIndex: 0, filterMode: "none" })],
    tooltip: {
      ...option.tooltip, trigger: "item",
      formatter: (f) => (f.data.place ? `<b>${f.data.place.code}</b><br>${when(f.data.place.at)}` : when(f.value[0] / 1000) + line(word("price"), price(f.value[1]))),
    },
    series: [
      {
        type: "line", name: word("price"), symbol: "circle", symbolSize: 3, showSymbol: picture.at.length < 60, data: points(picture.at, picture.price),
        lineStyle: { width: 1.3 }, itemStyle: { color: color("accent") },
        markArea: { silent: true, data: [...spans(picture.masked, hue.masked, 0.42), ...spans(picture.missing, hue.missing, 0.16)] },
        markLine: {
          silent: true, symbol: "none", animation: false, label: { show: false }, lineStyle: { type: "solid", width: 1, opacity: 0.7 },
          data: [...picture.masked.map(([at]) => ({ xAxis: at * 1000, lineStyle: { color: hue.masked } })), ...picture.missing.map(([at]) => ({ xAxis: at * 1000, lineStyle: { color: hue.missing, opacity: 0.4 } }))],
        },
      },
      { type: "scatter", symbolSize: 9, z: 5, data: dots, itemStyle: { borderColor: color("surface"), borderWidth: 1 } },
    ],
  };
}

function showSeries() {
  charts.filter(({ option }) => option === seriesOption).forEach(({ chart, option }) => chart.setOption(option(), true));
}

add("chart-series", seriesOption);
if (chosenSeries) chosenSeries.addEventListener("change", showSeries);
for (const button of document.querySelectorAll(".lost .row")) {
  button.addEventListener("click", () => {
    chosenSeries.value = button.value;
    showSeries();
    chosenSeries.scrollIntoView({ behavior: "smooth", block: "start" });
  });
}
for (const part of document.querySelectorAll(".newest")) part.scrollLeft = part.scrollWidth;
start();
