// One instrument's candles with the trades made on them.
"use strict";

const chooser = document.getElementById("instrument");
const candleAt = (row) => when(data.prices.start + row * data.prices.step, data.prices.is_intraday);

function tradeWords(trade, name) {
  const way = trade.side > 0 ? word("long") : word("short");
  const why = trade.is_open ? word("still_open") : pick(data.reasons[trade.reason]);
  const average = (value, mark) => (Math.abs(value / mark - 1) > 1e-4 ? line(word("average"), price(value)) : "");
  return `<b>${escaped(name)} · ${way} ${trade.quantity.toLocaleString("en-US", { maximumSignificantDigits: 6 })}</b>` +
    line(`${word("entered")} ${when(trade.entered)}`, price(trade.entry_price)) + average(trade.average_entry, trade.entry_price) +
    line(`${word("left")} ${when(trade.left)}`, price(trade.exit_price)) + average(trade.average_exit, trade.exit_price) +
    `<div style="opacity:.75;white-space:normal;max-width:280px">${escaped(why)}</div>` +
    line(word("profit"), money(trade.pnl, true), color(trade.pnl < 0 ? "down" : "up"));
}

function tradesOf(chosen) {
  const columns = Object.entries(chosen.trades);
  return chosen.trades.side.map((_, row) => Object.fromEntries(columns.map(([name, values]) => [name, values[row]])));
}

function markers(trades) {
  const edge = color("surface"), mark = { type: "scatter", z: 5, itemStyle: { borderColor: edge, borderWidth: 1 } };
  const entries = (side, symbolRotate, hue) => ({
    ...mark, symbol: "triangle", symbolSize: 11, symbolRotate, color: hue, name: side > 0 ? "long" : "short",
    data: trades.filter((t) => t.side === side).map((t) => ({ value: [t.entry, t.entry_price], trade: t })),
  });
  const exits = {
    ...mark, symbol: "circle", symbolSize: 8, name: "exit",
    data: trades.map((t) => ({ value: [t.exit, t.exit_price], trade: t, itemStyle: { color: color(t.pnl < 0 ? "down" : "up"), borderColor: edge, borderWidth: 1 } })),
  };
  const paths = {
    type: "lines", coordinateSystem: "cartesian2d", z: 4, silent: true,
    data: trades.map((t) => ({ coords: [[t.entry, t.entry_price], [t.exit, t.exit_price]], lineStyle: { color: color(t.pnl < 0 ? "down" : "up"), width: 1.2, type: "dashed", opacity: 0.75 } })),
  };
  return [paths, entries(1, 0, color("c4")), entries(-1, 180, color("c2")), exits];
}

function pricesOption() {
  const option = base(), chosen = data.prices.instruments[Number(chooser.value)];
  const rows = chosen.candles.map((candle) => (candle[0] === null ? "-" : candle));
  return {
    ...option,
    grid: { left: 70, right: 16, top: 14, bottom: 62 },
    xAxis: {
      type: "category", data: rows.map((_, row) => candleAt(row)), axisLine: { lineStyle: { color: color("line") } }, axisTick: { show: false },
      axisLabel: { ...labels(), formatter: (text) => text.slice(0, 10), alignMinLabel: "left", alignMaxLabel: "right", showMaxLabel: true }, axisPointer: { show: true, label: { show: false } },
    },
    yAxis: valueAxis((v) => v.toLocaleString("en-US", { maximumSignificantDigits: 6 }), { scale: true, splitNumber: 6 }),
    dataZoom: [slider({ xAxisIndex: 0 })],
    tooltip: {
      ...option.tooltip, trigger: "item",
      formatter: (f) => {
        if (f.data && f.data.trade) return tradeWords(f.data.trade, chosen.name);
        const candle = chosen.candles[f.dataIndex];
        return candleAt(f.dataIndex) + ["open", "high", "low", "close"].map((code) => line(word(code), price(candle[{ open: 0, close: 1, low: 2, high: 3 }[code]]))).join("");
      },
    },
    series: [
      {
        type: "candlestick", data: rows, large: false,
        itemStyle: { color: color("up"), color0: color("down"), borderColor: color("up"), borderColor0: color("down"), opacity: 0.85 },
      },
      ...markers(tradesOf(chosen)),
    ],
  };
}

add("chart-prices", pricesOption);

function showChosen() {
  const chosen = data.prices.instruments[Number(chooser.value)];
  for (const part of document.querySelectorAll("[data-trades]")) part.hidden = Number(part.dataset.trades) !== Number(chooser.value);
  charts.filter(({ option }) => option === pricesOption).forEach(({ chart, option }) => chart.setOption(option(), true));
  return chosen.name;
}

chooser.addEventListener("change", showChosen);
if (instrumentChart) {
  instrumentChart.on("click", (event) => {
    chooser.value = String(data.prices.instruments.findIndex((found) => found.name === event.name));
    showChosen();
    chooser.scrollIntoView({ behavior: "smooth", block: "start" });
  });
}
start();
showChosen();
