// A chart in the console's own colours, by day and by night. Options name a colour as in the style sheet, "var(--good)",
// and only where a colour belongs: what devices and people wrote is a label or a category, and stays as it is.
import { echarts } from "nicegui-echart";

const COLOURS = new Set(["color", "borderColor", "backgroundColor"]);
const NAMED = /^var\((--[a-z0-9-]+)\)$/;

function colour(name) {
  const named = NAMED.exec(name);
  return named ? getComputedStyle(document.body).getPropertyValue(named[1]).trim() : name;
}

function painted(value, key) {
  if (typeof value === "string") return COLOURS.has(key) ? colour(value) : value;
  if (Array.isArray(value)) return value.map((one) => painted(one, key));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, painted(one, name)]));
}

export default {
  template: "<div></div>",
  props: { options: Object, saved: Object },
  mounted() {
    this.chart = echarts.init(this.$el, null, { renderer: "canvas" });
    this.sizes = new ResizeObserver(() => this.chart.resize());
    this.sizes.observe(this.$el);
    this.theme = new MutationObserver(() => this.update_chart());
    this.theme.observe(document.body, { attributes: true, attributeFilter: ["class"] });
    this.update_chart();
  },
  beforeUnmount() {
    this.sizes.disconnect();
    this.theme.disconnect();
    this.chart.dispose();
  },
  methods: {
    update_chart() {
      this.chart.setOption(painted(this.options), { notMerge: true });
    },
    // A picture stands alone: it is drawn apart, with what the page says beside the chart.
    save(name) {
      const paper = document.createElement("div");
      paper.style.cssText = "position: fixed; left: -9999px; width: 760px; height: " + (this.$el.offsetHeight + 60) + "px";
      document.body.append(paper);
      const chart = echarts.init(paper, null, { renderer: "canvas" });
      chart.setOption(painted(this.options));
      chart.setOption(painted(this.saved));
      const link = document.createElement("a");
      link.download = name;
      link.href = chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: colour("var(--surface)") });
      link.click();
      chart.dispose();
      paper.remove();
    },
  },
};
