// chart.js with the few parts the plots use, and the looks all plots share. The only file that names chart.js at run time.
import {
  Chart, LinearScale, LineElement, LogarithmicScale, PointElement, ScatterController, Tooltip,
  type ChartConfiguration, type ChartDataset, type Plugin,
} from 'chart.js';
import { number } from '../format.ts';
import type { Theme } from '../theme.ts';

Chart.register(ScatterController, LineElement, PointElement, LinearScale, LogarithmicScale, Tooltip);

export type { Chart };

/** A point; `error` is the half-length of its bar or the half-width of the band there, `note` is said with it when pointed at. */
export interface Point {
  x: number;
  y: number;
  error?: number;
  note?: string;
}

/** `band`: the errors as one shaded band along the curve, instead of a bar at each point. */
export type Series = ChartDataset<'scatter', Point[]> & { band?: boolean };

/** What a chart shows, before it is on a canvas. */
export interface Picture {
  x: Axis;
  y: Axis;
  series: Series[];
}

export interface Axis {
  title: string;
  kind: 'linear' | 'logarithmic';
  min?: number;
  max?: number;
  /** Where ticks are wanted at these places only. */
  ticks?: number[];
  /** Ticks at whole numbers only. */
  whole?: boolean;
  /** Names of the places 0, 1, 2 ..., instead of numbers; line breaks stay. */
  names?: string[];
}

/** How far marks may reach beyond the axes. */
const MARK_ROOM = 10;

/** A curve without marks. */
export const line = (label: string, data: Point[], colour: string, dash: number[] = []): Series => ({
  label, data, borderColor: colour, backgroundColor: 'transparent', borderWidth: 2, borderDash: dash, pointRadius: 0, pointHitRadius: 6, showLine: true, pointStyle: 'line',
});

/** Marks without a curve; hollow ones show what is under them. */
export const marks = (label: string, data: Point[], colour: string, pointStyle: 'circle' | 'triangle' | 'rectRot' | 'rect', fill: string = colour, pointRadius = 4): Series => ({
  label, data, borderColor: colour, backgroundColor: fill, pointStyle, pointRadius, pointHoverRadius: pointRadius + 1, borderWidth: 1.5, showLine: false, clip: MARK_ROOM,
});

/** Colours may be given point by point. */
const colourAt = (colour: unknown, i: number): string => (Array.isArray(colour) ? colour[i] : colour) as string;

const bands: Plugin<'scatter'> = {
  id: 'bands',
  beforeDatasetsDraw({ ctx, scales, chartArea: { left, top, width, height, bottom }, data }) {
    const [x, y] = [scales.x!, scales.y!];
    const across = (p: Point): number => x.getPixelForValue(p.x);
    // On a logarithmic axis an edge that reaches zero runs to the axis.
    const up = (v: number): number => (y.type === 'logarithmic' && v <= 0 ? bottom : y.getPixelForValue(v));
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, width, height);
    ctx.clip();
    ctx.lineWidth = 1;
    for (const { band, borderColor, data: all } of data.datasets as Series[]) {
      const points = (all as Point[]).filter(({ error }) => error !== undefined);
      if (!band || points.length < 2) continue;
      const path = (of: Point[], sign: number): void => of.forEach((p) => ctx.lineTo(across(p), up(p.y + sign * p.error!)));
      ctx.fillStyle = ctx.strokeStyle = borderColor as string;
      ctx.globalAlpha = 0.18;
      ctx.beginPath();
      path(points, 1);
      path([...points].reverse(), -1);
      ctx.fill();
      // Edges, so that bands that lie over each other can be told apart.
      ctx.globalAlpha = 0.55;
      for (const sign of [1, -1]) {
        ctx.beginPath();
        path(points, sign);
        ctx.stroke();
      }
    }
    ctx.restore();
  },
};

const errorBars: Plugin<'scatter'> = {
  id: 'error-bars',
  beforeDatasetsDraw(chart) {
    const { ctx, scales, chartArea } = chart;
    const y = scales.y!;
    const bounded = y.type === 'linear';
    ctx.save();
    chart.data.datasets.forEach((series, s) => {
      if (!chart.isDatasetVisible(s) || (series as Series).band) return;
      ctx.lineWidth = 1.5;
      (series.data as Point[]).forEach((point, i) => {
        if (!point.error) return;
        ctx.strokeStyle = colourAt(series.borderColor, i);
        const x = chart.getDatasetMeta(s).data[i]!.x;
        const top = Math.max(chartArea.top, y.getPixelForValue(point.y + point.error));
        // On a logarithmic axis a bar that reaches zero runs to the axis.
        const low = point.y - point.error;
        const ends = bounded || low > 0;
        const bottom = ends ? Math.min(chartArea.bottom, y.getPixelForValue(low)) : chartArea.bottom;
        ctx.beginPath();
        ctx.moveTo(x, top);
        ctx.lineTo(x, bottom);
        ctx.moveTo(x - 4, top);
        ctx.lineTo(x + 4, top);
        if (ends) {
          ctx.moveTo(x - 4, bottom);
          ctx.lineTo(x + 4, bottom);
        }
        ctx.stroke();
      });
    });
    ctx.restore();
  },
};

/** Ticks of a logarithmic axis: powers of ten, with steps between where there are few. */
export function logTicks(min: number, max: number): number[] {
  if (!(min > 0) || !(max > min) || max === Infinity) return [];
  const decades = Math.log10(max / min);
  const steps = decades > 3 ? [1] : decades > 1 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 8];
  const apart = Math.max(1, Math.ceil(decades / 8));
  const out: number[] = [];
  for (let e = Math.floor(Math.log10(min)); e <= Math.log10(max); e++) {
    if (e % apart === 0) for (const s of steps) out.push(Number(`${s}e${e}`));
  }
  return out.filter((v) => v >= min && v <= max);
}

function scale(axis: Axis, theme: Theme) {
  const { names } = axis;
  const places = axis.ticks ?? names?.map((_, i) => i);
  const linear = axis.kind === 'linear';
  return {
    type: axis.kind,
    min: axis.min,
    max: axis.max,
    title: { display: true, text: axis.title, color: theme.foreground },
    grid: { color: theme.grid },
    border: { color: theme.foreground },
    ticks: {
      color: theme.foreground,
      callback: (value: string | number) => (names ? (names[Number(value)] ?? '').split('\n') : number(Number(value))),
      ...(linear ? { includeBounds: false, ...(axis.whole ? { precision: 0 } : {}) } : {}),
      autoSkip: linear && !names,
      maxRotation: names && !names.some((n) => n.includes('\n')) ? 60 : 0,
    },
    ...(linear && !places ? {} : {
      afterBuildTicks: (built: { min: number; max: number; ticks: { value: number }[] }) => {
        built.ticks = (places ?? logTicks(built.min, built.max)).map((value) => ({ value }));
      },
    }),
  };
}

/** The series in the order they were given. */
export const seriesOf = (chart: Chart): Series[] => [...chart.data.datasets].reverse() as Series[];

function optionsOf(theme: Theme, { x, y }: Picture): NonNullable<ChartConfiguration<'scatter', Point[]>['options']> {
  return {
    animation: false,
    layout: { padding: { top: MARK_ROOM, right: MARK_ROOM } },
    responsive: true,
    maintainAspectRatio: false,
    color: theme.foreground,
    scales: { x: scale(x, theme), y: scale(y, theme) } as NonNullable<ChartConfiguration<'scatter'>['options']>['scales'],
    plugins: {
      tooltip: {
        callbacks: {
          label(item) {
            const { x: at, y: value, error, note } = item.raw as Point;
            const place = x.names ? (x.names[Math.round(at)] ?? '').replaceAll('\n', ' ') : `${x.title} ${number(at)}`;
            return `${item.dataset.label ?? ''}: ${place}, ${number(value)}${error ? ` ± ${number(error, 2)}` : ''}${note ? `; ${note}` : ''}`;
          },
        },
      },
    },
  };
}

/** A chart without animation in the theme's colours. Later series lie over earlier ones. */
export function draw(canvas: HTMLCanvasElement, theme: Theme, x: Axis, y: Axis, series: Series[]): Chart {
  // Axes take their font from the defaults only.
  Object.assign(Chart.defaults.font, { family: theme.font, size: theme.fontSize });
  const configuration: ChartConfiguration<'scatter', Point[]> = {
    type: 'scatter', data: { datasets: [...series].reverse() }, plugins: [bands, errorBars], options: optionsOf(theme, { x, y, series }),
  };
  return new Chart(canvas, configuration) as unknown as Chart;
}

/** Other numbers on the same chart and canvas, as they arrive. */
export function redraw(chart: Chart, theme: Theme, picture: Picture): void {
  chart.data.datasets = [...picture.series].reverse();
  chart.options = optionsOf(theme, picture) as Chart['options'];
  chart.update('none');
}
