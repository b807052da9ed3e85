import { BarChart, LineChart } from 'echarts/charts';
import { AriaComponent, GridComponent, TooltipComponent } from 'echarts/components';
import { init, use, type ECharts } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

// Only the parts that are used; this file is loaded when the first chart is shown.
use([BarChart, LineChart, GridComponent, TooltipComponent, AriaComponent, SVGRenderer]);

export interface WaterfallBar {
  label: string;
  /** Where the bar begins and ends on the value axis. */
  from: number;
  to: number;
  tone: 'accent' | 'good' | 'bad' | 'info' | 'neutral';
  text: string;
}

const tokens = { accent: '--chart-accent', good: '--chart-good', bad: '--chart-bad', info: '--chart-info', neutral: '--chart-neutral' };

/** Draws the waterfall with the colours of the theme in force; `onOpen` gets the index of the pressed bar. Returns how to dispose of it. */
export function drawWaterfall(element: HTMLElement, bars: WaterfallBar[], unit: string, onOpen: (index: number) => void): () => void {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const text = { color: colour('--chart-text'), fontFamily: style.fontFamily, fontSize: 12 };
  const chart: ECharts = init(element, null, { renderer: 'svg' });
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  chart.setOption({
    animation: !still,
    animationDuration: 250,
    aria: { enabled: true },
    grid: { left: 8, right: 24, top: 28, bottom: 8, containLabel: true },
    tooltip: {
      trigger: 'item',
      formatter: (p: { dataIndex: number }) => `${bars[p.dataIndex]?.label ?? ''}: ${bars[p.dataIndex]?.text ?? ''} ${unit}`,
    },
    xAxis: {
      type: 'category',
      data: bars.map((b) => b.label),
      axisLabel: { ...text, interval: 0, hideOverlap: false },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colour('--chart-line') } },
    },
    yAxis: {
      type: 'value',
      name: unit,
      nameTextStyle: { ...text, align: 'left' },
      axisLabel: text,
      splitLine: { lineStyle: { color: colour('--chart-line') } },
    },
    series: [
      { type: 'bar', stack: 'w', silent: true, itemStyle: { color: 'transparent' }, data: bars.map((b) => Math.min(b.from, b.to)) },
      {
        type: 'bar',
        stack: 'w',
        barMaxWidth: 64,
        cursor: 'pointer',
        data: bars.map((b) => ({
          value: Math.abs(b.to - b.from),
          itemStyle: { color: colour(tokens[b.tone]) },
          label: { formatter: b.text },
        })),
        label: { show: true, position: 'top', ...text },
      },
    ],
  });
  chart.on('click', (event) => onOpen(event.dataIndex));
  const observer = new ResizeObserver(() => chart.resize());
  observer.observe(element);
  return () => {
    observer.disconnect();
    chart.dispose();
  };
}

export interface TrendSeries {
  label: string;
  /** One for each day; null where nothing was counted. */
  values: (number | null)[];
  look: LineLook;
}

/** How a line is told from the others. */
export interface LineLook {
  tone: 'accent' | 'good' | 'bad' | 'warning' | 'neutral';
  line: 'solid' | 'dashed' | 'dotted';
}

/** Draws lines over days; whoever calls it says which line is which. Returns how to dispose of it. */
export function drawTrend(element: HTMLElement, days: string[], series: TrendSeries[], unit: string): () => void {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const text = { color: colour('--chart-text'), fontFamily: style.fontFamily, fontSize: 12 };
  const chart: ECharts = init(element, null, { renderer: 'svg' });
  const line = { lineStyle: { color: colour('--chart-line') } };
  chart.setOption({
    animation: false,
    aria: { enabled: true },
    grid: { left: 8, right: 16, top: 12, bottom: 8, containLabel: true },
    tooltip: { trigger: 'axis', valueFormatter: (value: unknown) => `${String(value ?? '–')} ${unit}` },
    xAxis: {
      type: 'category',
      data: days,
      boundaryGap: false,
      axisLabel: { ...text, hideOverlap: true },
      axisTick: { show: false },
      axisLine: line,
    },
    yAxis: { type: 'value', minInterval: 1, axisLabel: text, splitLine: line },
    series: series.map(({ label, values, look }) => {
      const tone = colour(`--chart-${look.tone}`);
      return {
        type: 'line',
        name: label,
        data: values,
        showSymbol: days.length < 2,
        itemStyle: { color: tone },
        lineStyle: { color: tone, width: 2, type: look.line },
      };
    }),
  });
  const observer = new ResizeObserver(() => chart.resize());
  observer.observe(element);
  return () => {
    observer.disconnect();
    chart.dispose();
  };
}
