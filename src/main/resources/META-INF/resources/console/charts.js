// Line charts over time or steps, in the page's own colours, and small lines without axes.

import { empty, h, svg } from "./dom.js";
import { clock } from "./format.js";

const LINES = ["--line-1", "--line-2", "--line-3", "--line-4", "--line-5", "--line-6"];
const open = new Set();

function css(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export function lineColor(index) {
  return LINES[index % LINES.length];
}

/** Vertical lines with a word at their tops, and a horizontal one where the alarm is. */
const marks = {
  id: "marks",
  afterDatasetsDraw(chart, _, options) {
    const { ctx, chartArea: area, scales } = chart;
    ctx.save();
    ctx.font = `11px ${css("--font")}`;
    if (options.threshold !== undefined) {
      const y = scales.y.getPixelForValue(options.threshold);
      if (y >= area.top && y <= area.bottom) {
        ctx.strokeStyle = css("--bad");
        ctx.setLineDash([5, 4]);
        ctx.beginPath();
        ctx.moveTo(area.left, y);
        ctx.lineTo(area.right, y);
        ctx.stroke();
        ctx.setLineDash([]);
        ctx.fillStyle = css("--bad");
        ctx.textAlign = "left";
        ctx.fillText(options.thresholdName ?? "threshold", area.left + 6, y - 4);
      }
    }
    let end = -Infinity;
    let row = 0;
    for (const mark of options.list ?? []) {
      const x = scales.x.getPixelForValue(mark.x);
      if (x < area.left - 1 || x > area.right + 1) {
        continue;
      }
      const width = ctx.measureText(mark.label).width + 8;
      row = x < end ? row + 1 : 0;
      ctx.strokeStyle = css(mark.color ?? "--muted");
      ctx.beginPath();
      ctx.moveTo(x, area.top);
      ctx.lineTo(x, area.bottom);
      ctx.stroke();
      const left = Math.min(x, area.right - width);
      ctx.fillStyle = css(mark.color ?? "--muted");
      ctx.fillRect(left, area.top + 16 * row, width, 15);
      ctx.fillStyle = css("--panel");
      ctx.textAlign = "left";
      ctx.fillText(mark.label, left + 4, area.top + 16 * row + 11);
      end = Math.max(end, left + width);
    }
    ctx.restore();
  },
};

/** Round moments, to the minute where the axis spans several. */
const STEPS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600].map((step) => step * 1000);

function moments(scale) {
  const step = STEPS.find((each) => (scale.max - scale.min) / each <= 7) ?? 86_400_000;
  scale.ticks = [];
  for (let at = Math.ceil(scale.min / step) * step; at <= scale.max; at += step) {
    scale.ticks.push({ value: at });
  }
}

/** Powers of ten alone, every second one where there are many. */
function powers(scale) {
  const all = scale.ticks.filter((tick) => Number.isInteger(Math.round(Math.log10(tick.value) * 1e6) / 1e6));
  scale.ticks = all.length > 7 ? all.filter((tick) => Math.round(Math.log10(tick.value)) % 2 === 0) : all;
}

function moment(value) {
  return this.max - this.min > 300_000 ? clock(value).slice(0, 5) : clock(value);
}

function axis(color, grid, format, more) {
  return {
    border: { display: false },
    grid: { color: grid, tickLength: 4 },
    ticks: { color, maxRotation: 0, autoSkipPadding: 18, font: { size: 11 }, callback: format },
    ...more,
  };
}

/**
 * A chart of lines.
 *
 * label: what it shows, in words; series: [{name, color, dashed}]; format: of the y axis;
 * x: "time" or "step"; log: whether the y axis is; threshold, thresholdName; height: its class.
 */
export function lineChart({ label, series, format, x = "time", log = false, threshold, thresholdName, max, height = "plot" }) {
  if (!window.Chart) {
    // The page is of use without its drawings.
    return { element: empty("No chart", "The library that draws it did not load."), set() {}, destroy() {} };
  }
  const canvas = h("canvas", { role: "img", "aria-label": label });
  const element = h("div", { class: height }, canvas);
  const styled = () => ({
    scales: {
      x: axis(css("--muted"), "transparent", x === "time" ? moment : (value) => value, { type: "linear", afterBuildTicks: x === "time" ? moments : undefined, title: { display: x !== "time", text: x, color: css("--muted"), font: { size: 11 } } }),
      y: axis(css("--muted"), css("--grid"), (value) => format(value), log ? { type: "logarithmic", suggestedMax: 10, afterBuildTicks: powers } : { beginAtZero: true, suggestedMax: max }),
    },
  });
  const chart = new window.Chart(canvas, {
    type: "line",
    data: { datasets: series.map((each, i) => ({ label: each.name, data: [], borderColor: css(each.color ?? lineColor(i)), borderDash: each.dashed ? [4, 3] : [], borderWidth: each.width ?? 1.6, pointRadius: 0, pointHitRadius: 8, tension: 0.15, spanGaps: false })) },
    options: {
      animation: false, responsive: true, maintainAspectRatio: false, parsing: false, normalized: true,
      interaction: { mode: "nearest", axis: "x", intersect: false },
      plugins: {
        legend: { display: false },
        marks: { threshold, thresholdName, list: [] },
        tooltip: {
          displayColors: true, boxWidth: 8, boxHeight: 8,
          callbacks: { title: (items) => (items.length ? (x === "time" ? clock(items[0].parsed.x) : `${x} ${items[0].parsed.x}`) : ""), label: (item) => ` ${item.dataset.label} ${format(item.parsed.y)}` },
        },
      },
      ...styled(),
    },
    plugins: [marks],
  });
  const made = {
    element,
    /** A list of {x, y} for each series, in their order; gaps have a y of null. */
    set(lines, list = [], range = {}) {
      lines.forEach((line, i) => {
        chart.data.datasets[i].data = line;
      });
      chart.options.plugins.marks.list = list;
      chart.options.scales.x.min = range.min;
      chart.options.scales.x.max = range.max;
      chart.update("none");
    },
    restyle() {
      chart.data.datasets.forEach((each, i) => {
        each.borderColor = css(series[i].color ?? lineColor(i));
      });
      const { scales } = styled();
      scales.x.min = chart.options.scales.x.min;
      scales.x.max = chart.options.scales.x.max;
      chart.options.scales = scales;
      chart.update("none");
    },
    destroy() {
      open.delete(made);
      chart.destroy();
    },
  };
  open.add(made);
  return made;
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => open.forEach((chart) => chart.restyle()));

/** A legend whose entries carry the newest values. */
export function legend(entries) {
  return h("ul", { class: "legend" }, entries.map((each, i) =>
    h("li", {}, h("span", { class: `swatch ${(each.color ?? lineColor(i)).slice(2)}${each.dashed ? " dashed" : ""}`, "aria-hidden": "true" }), each.name, each.value !== undefined && h("b", {}, each.value))));
}

/** A line of values without axes; null is a gap. */
export function spark(values) {
  const width = 120;
  const height = 26;
  const known = values.filter((value) => value !== null && Number.isFinite(value));
  const most = Math.max(...known, 1e-9);
  let path = "";
  let pen = "M";
  values.forEach((value, i) => {
    if (value === null || !Number.isFinite(value)) {
      pen = "M";
      return;
    }
    path += `${pen}${((i / Math.max(1, values.length - 1)) * width).toFixed(1)} ${(height - 2 - (value / most) * (height - 4)).toFixed(1)}`;
    pen = "L";
  });
  return svg("svg", { class: "spark", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    path && svg("path", { d: path }));
}
