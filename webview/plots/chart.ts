// chart.js with the few parts the plots use, and the looks all plots share. The only file that names chart.js at run time.
import {
  Chart, Legend, LinearScale, LineElement, LogarithmicScale, PointElement, ScatterController, Tooltip,
  type ChartConfiguration, type ChartDataset, type Plugin,
} from 'chart.js';
import { number } from '../format.ts';
import type { Theme } from '../theme.ts';

Chart.register(ScatterController, LineElement, PointElement, LinearScale, LogarithmicScale, Tooltip, Legend);

export type { Chart };

/** A point; `error` is the half-length of its bar. */
export interface Point {
  x: number;
  y: number;
  error?: number;
}

export type Series = ChartDataset<'scatter', Point[]>;

export interface Axis {
  title: string;
  kind: 'linear' | 'logarithmic';
  min?: number;
  max?: number;
  /** Where ticks are wanted at these places only. */
  ticks?: number[];
}

const errorBars: Plugin<'scatter'> = {
  id: 'error-bars',
  beforeDatasetsDraw(chart) {
    const { ctx, scales, chartArea } = chart;
    const y = scales.y!;
    ctx.save();
    chart.data.datasets.forEach((series, s) => {
      if (!chart.isDatasetVisible(s)) return;
      ctx.strokeStyle = series.borderColor as string;
      ctx.lineWidth = 1.5;
      (series.data as Point[]).forEach((point, i) => {
        if (!point.error) return;
        const x = chart.getDatasetMeta(s).data[i]!.x;
        const top = Math.max(chartArea.top, y.getPixelForValue(point.y + point.error));
        // On a logarithmic axis a bar that reaches zero runs to the axis.
        const low = point.y - point.error;
        const bottom = low > 0 ? Math.min(chartArea.bottom, y.getPixelForValue(low)) : chartArea.bottom;
        ctx.beginPath();
        ctx.moveTo(x, top);
        ctx.lineTo(x, bottom);
        ctx.moveTo(x - 4, top);
        ctx.lineTo(x + 4, top);
        if (low > 0) {
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
  return {
    type: axis.kind,
    min: axis.min,
    max: axis.max,
    title: { display: true, text: axis.title, color: theme.foreground },
    grid: { color: theme.grid },
    border: { color: theme.foreground },
    ticks: { color: theme.foreground, callback: (value: string | number) => number(Number(value)), ...(axis.kind === 'linear' ? { precision: 0, includeBounds: false } : {}), autoSkip: axis.kind === 'linear', maxRotation: 0 },
    ...(axis.kind === 'linear' ? {} : {
      afterBuildTicks: (built: { min: number; max: number; ticks: { value: number }[] }) => {
        built.ticks = (axis.ticks ?? logTicks(built.min, built.max)).map((value) => ({ value }));
      },
    }),
  };
}

/** A chart without animation in the theme's colours. */
export function draw(canvas: HTMLCanvasElement, theme: Theme, x: Axis, y: Axis, series: Series[]): Chart {
  const configuration: ChartConfiguration<'scatter', Point[]> = {
    type: 'scatter',
    data: { datasets: series },
    plugins: [errorBars],
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      color: theme.foreground,
      scales: { x: scale(x, theme), y: scale(y, theme) } as NonNullable<ChartConfiguration<'scatter'>['options']>['scales'],
      plugins: {
        legend: { labels: { color: theme.foreground, usePointStyle: true, boxHeight: 7 } },
        tooltip: {
          callbacks: {
            label(item) {
              const { x: at, y: value, error } = item.raw as Point;
              return `${item.dataset.label ?? ''}: ${x.title} ${number(at)}, ${number(value)}${error ? ` ± ${number(error, 2)}` : ''}`;
            },
          },
        },
      },
    },
  };
  // Axes and legend take their font from the defaults only.
  Object.assign(Chart.defaults.font, { family: theme.font, size: theme.fontSize });
  return new Chart(canvas, configuration) as unknown as Chart;
}
