// Equity, exposure, rolling Sharpe, costs, instruments, strategies.
"use strict";

let isLogarithmic = false;

function equityOption() {
  const option = base();
  const gain = color("accent"), loss = color("down"), path = data.path;
  return {
    ...option,
    axisPointer: { link: [{ xAxisIndex: "all" }] },
    grid: [{ left: 62, right: 16, top: 14, height: "57%" }, { left: 62, right: 16, top: "68%", bottom: 56 }],
    xAxis: [timeAxis({ axisLabel: { show: false }, axisTick: { show: false } }), timeAxis({ gridIndex: 1 })],
    yAxis: [
      valueAxis(compact, { type: isLogarithmic ? "log" : "value", scale: true, splitNumber: 5 }),
      valueAxis((v) => percent(v, v && Math.abs(v) < 0.02 ? 1 : 0), { gridIndex: 1, max: 0, min: (v) => Math.min(v.min, -0.01), splitNumber: 2 }),
    ],
    dataZoom: [slider({ xAxisIndex: [0, 1] })],
    tooltip: {
      ...option.tooltip,
      formatter: (found) => {
        const row = found[0].dataIndex;
        return when(path.at[row]) + line(word("equity"), money(path.equity[row]), gain) + line(word("drawdown"), percent(path.drawdown[row], 2), loss);
      },
    },
    series: [
      {
        type: "line", name: word("equity"), showSymbol: false, data: points(path.at, path.equity), lineStyle: { width: 1.6 }, itemStyle: { color: gain },
        markLine: {
          silent: true, symbol: "none", data: [{ yAxis: data.capital }], lineStyle: { color: color("muted"), type: "dashed" },
          label: { formatter: word("capital"), position: "insideStartTop", color: color("muted"), fontSize: 12 },
        },
      },
      {
        type: "line", name: word("drawdown"), xAxisIndex: 1, yAxisIndex: 1, showSymbol: false, data: points(path.at, path.drawdown),
        lineStyle: { width: 1 }, itemStyle: { color: loss }, areaStyle: { color: loss, opacity: 0.18 },
      },
    ],
  };
}

function exposureOption() {
  const option = base(), held = data.leverage, top = Math.max(...held.gross.map((v) => v ?? 0));
  const limit = data.limit <= 3 * Math.max(top, 0.01)
    ? { silent: true, symbol: "none", data: [{ yAxis: data.limit }], lineStyle: { color: color("down"), type: "dashed" },
        label: { formatter: word("limit"), position: "insideEndTop", color: color("muted"), fontSize: 12 } }
    : undefined;
  const multiple = (v) => number(v, 2) + "×";
  return {
    ...option,
    grid: { ...option.grid, top: 44 },
    legend: { top: 0, left: 0, textStyle: { color: color("muted") }, icon: "roundRect", itemWidth: 12, itemHeight: 4 },
    xAxis: timeAxis(),
    yAxis: valueAxis((v) => compact(v) + "×", { max: limit ? (v) => Math.max(v.max, data.limit) : undefined }),
    tooltip: {
      ...option.tooltip,
      formatter: (found) => when(held.at[found[0].dataIndex]) + found.map((f) => line(f.seriesName, multiple(f.value[1]), f.color)).join(""),
    },
    series: [
      { type: "line", step: "end", name: word("gross"), showSymbol: false, data: points(held.at, held.gross), lineStyle: { width: 1 }, areaStyle: { opacity: 0.14 }, markLine: limit },
      { type: "line", step: "end", name: word("net"), showSymbol: false, data: points(held.at, held.net), lineStyle: { width: 1 } },
    ],
  };
}

function sharpeOption() {
  const option = base(), rolled = data.sharpe;
  return {
    ...option,
    xAxis: timeAxis(),
    yAxis: valueAxis((v) => number(v, 1)),
    tooltip: { ...option.tooltip, formatter: (found) => when(rolled.at[found[0].dataIndex], false) + line(word("sharpe"), number(found[0].value[1], 2), color("accent")) },
    series: [{
      type: "line", showSymbol: false, data: points(rolled.at, rolled.value), lineStyle: { width: 1.6 }, areaStyle: { origin: 0, opacity: 0.12 },
      markLine: { silent: true, symbol: "none", label: { show: false }, data: [{ yAxis: 0 }], lineStyle: { color: color("muted"), type: "solid" } },
    }],
  };
}

function costsOption() {
  const option = base(), steps = Object.entries(data.costs), last = steps.length - 1, isNarrow = widthOf("chart-costs") < 460;
  let level = 0;
  const bars = steps.map(([code, value], row) => {
    const from = row === 0 || row === last ? 0 : level;
    level = row === last ? value : from + value;
    return [row, from, from + value, value];
  });
  const hue = (row, value) => (row === 0 || row === last ? color("accent") : value < 0 ? color("down") : color("up"));
  return {
    ...option,
    grid: { ...option.grid, bottom: isNarrow ? 58 : 28 },
    xAxis: {
      type: "category", data: steps.map(([code]) => word(code)), axisTick: { show: false }, axisLine: { lineStyle: { color: color("line") } },
      axisLabel: { ...labels(), interval: 0, hideOverlap: false, rotate: isNarrow ? 38 : 0 },
    },
    yAxis: valueAxis(compact),
    tooltip: { ...option.tooltip, trigger: "item", formatter: (f) => line(word(steps[f.dataIndex][0]), money(f.value[3], true)) },
    series: [{
      type: "custom", encode: { x: 0, y: [1, 2] }, data: bars,
      renderItem: (params, api) => {
        const from = api.coord([api.value(0), api.value(1)]), to = api.coord([api.value(0), api.value(2)]);
        const width = Math.min(api.size([1, 0])[0] * 0.6, 64), top = Math.min(from[1], to[1]);
        const value = api.value(3);
        return {
          type: "group",
          children: [
            { type: "rect", shape: { x: to[0] - width / 2, y: top, width, height: Math.max(Math.abs(from[1] - to[1]), 1.5), r: 3 }, style: { fill: hue(params.dataIndex, value) } },
            { type: "text", style: { text: compact(value), x: to[0], y: top - 5, textAlign: "center", textVerticalAlign: "bottom", fill: color("ink"), fontSize: 12 } },
          ],
        };
      },
    }],
  };
}

function instrumentsOption() {
  const option = base(), parts = [...data.instruments].reverse();
  return {
    ...option,
    grid: { left: 8, right: 16, top: 4, bottom: 24, containLabel: true },
    xAxis: valueAxis(compact, { boundaryGap: Array(2).fill(widthOf("chart-instruments") < 420 ? "30%" : "14%") }),
    yAxis: { type: "category", data: parts.map((p) => p.name), axisTick: { show: false }, axisLine: { show: false }, axisLabel: { ...labels(), color: color("ink"), interval: 0 } },
    tooltip: {
      ...option.tooltip, axisPointer: { type: "none" },
      formatter: (found) => {
        const part = parts[found[0].dataIndex];
        return `<b>${escaped(part.name)}</b>` + line(word("profit"), money(part.pnl, true)) + line(word("trades"), number(part.trades, 0)) +
          line(word("win_rate"), percent(part.win_rate, 0)) + line(word("exposure"), percent(part.exposure, 0));
      },
    },
    series: [{
      type: "bar", barMaxWidth: 18, cursor: "pointer",
      data: parts.map((p) => ({
        value: p.pnl, itemStyle: { color: color(p.pnl < 0 ? "down" : "up"), borderRadius: 3 },
        label: { show: true, position: p.pnl < 0 ? "left" : "right", formatter: compact(p.pnl), color: color("ink"), fontSize: 12 },
      })),
    }],
  };
}

function strategiesOption() {
  const option = base(), at = data.strategies.at;
  return {
    ...option,
    grid: { ...option.grid, top: 40 },
    legend: { top: 0, left: 0, type: "scroll", textStyle: { color: color("muted") }, icon: "roundRect", itemWidth: 12, itemHeight: 4 },
    xAxis: timeAxis(),
    yAxis: valueAxis(compact),
    tooltip: { ...option.tooltip, formatter: (found) => when(at[found[0].dataIndex], false) + found.map((f) => line(f.seriesName, money(f.value[1], true), f.color)).join("") },
    series: Object.entries(data.strategies.paths).map(([name, path]) => ({ type: "line", name, showSymbol: false, data: points(at, path), lineStyle: { width: 1.6 } })),
  };
}

add("chart-equity", equityOption);
add("chart-exposure", exposureOption);
if (data.sharpe) add("chart-sharpe", sharpeOption);
add("chart-costs", costsOption);
const instrumentChart = add("chart-instruments", instrumentsOption);
add("chart-strategies", strategiesOption);

document.getElementById("scale").addEventListener("click", (event) => {
  isLogarithmic = !isLogarithmic;
  event.currentTarget.setAttribute("aria-pressed", String(isLogarithmic));
  draw();
});
