import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { stats } from './api.ts';
import { dollars, Facts, integer, Panel, Problem, usePolled } from './ui.tsx';

const MOST_SAMPLES = 3_600;
const DAY_MS = 86_400_000;

/** List prices as core's PriceSheet has them, which a test holds equal; rows and Pipeline are priced by the store. */
export const PRICES = {
  DOLLARS_PER_MILLION_ROWS_WRITTEN: 1,
  DOLLARS_PER_MILLION_REQUESTS: 0.15,
  MESSAGES_PER_REQUEST: 20,
  DOLLARS_PER_MILLION_GB_SECONDS: 12.5,
  OBJECT_GB: 0.128,
};
/** What an object works for a message, with one row a write; it waits for free. */
const NAIVE_SECONDS = 0.001;

interface Sample {
  at: number;
  rows: number;
  naive: number;
  dollars: number;
  naiveDollars: number;
  requests: number;
  checkpoints: number;
  trigger: string | null;
  bootId: string;
}

/** What the store writes beside what one row a write would have cost. */
export function Cost({ ns }: { ns: string }) {
  const figures = usePolled(() => stats(ns), 1_000, [ns]);
  const [samples, setSamples] = useState<Sample[]>([]);
  useEffect(() => {
    const now = figures.value;
    if (now === undefined) return;
    const sample = {
      at: Date.now(),
      rows: now.rowsWritten,
      naive: now.cost.naiveRowsWritten,
      dollars: now.cost.dollars,
      naiveDollars: now.cost.naiveDollars,
      requests: now.requests ?? 0,
      checkpoints: now.checkpoints.count,
      trigger: now.checkpoints.lastTrigger,
      bootId: now.bootId,
    };
    // Counters begin anew with each instance in memory.
    setSamples((all) =>
      all.at(-1)?.bootId === sample.bootId ? [...all.slice(1 - MOST_SAMPLES), sample] : [sample],
    );
  }, [figures.value]);
  const now = figures.value;
  const first = samples[0];
  const last = samples.at(-1);
  const days = first && last && last.at > first.at ? (last.at - first.at) / DAY_MS : 0;
  const aDay = (name: 'rows' | 'naive' | 'dollars' | 'naiveDollars' | 'requests') =>
    days > 0 && first && last ? (last[name] - first[name]) / days : undefined;
  return (
    <>
      <Problem text={figures.error} />
      <Panel title="Since this instance woke">
        {now && (
          <Facts
            of={[
              ['rows written', integer(now.rowsWritten)],
              ['one row a write', integer(now.cost.naiveRowsWritten)],
              ['rows and Pipeline', dollars(now.cost.dollars)],
              ['one row a write', dollars(now.cost.naiveDollars)],
              ['alarms', integer(now.cost.alarms)],
              ['bytes sent to the Pipeline', integer(now.cost.pipelineBytes)],
              ['checkpoints', integer(now.checkpoints.count)],
              ['last one', now.checkpoints.lastTrigger ?? '–'],
            ]}
          />
        )}
      </Panel>
      <Panel title="While you look">
        <Chart samples={samples} />
        <Facts
          of={[
            ['rows a day at this rate', integer(aDay('rows'))],
            ['one row a write', integer(aDay('naive'))],
          ]}
        />
        {days > 0 && (
          <Parts
            parts={parts(
              aDay('rows') ?? 0,
              aDay('dollars') ?? 0,
              aDay('naiveDollars') ?? 0,
              aDay('requests') ?? 0,
            )}
          />
        )}
      </Panel>
      <Panel title="Checkpoints">
        {samples.every(({ checkpoints }) => checkpoints === first?.checkpoints) && (
          <p class="quiet">None while you looked.</p>
        )}
        <ol class="timeline" reversed>
          {samples
            .filter((sample, i) => i > 0 && sample.checkpoints > samples[i - 1].checkpoints)
            .slice(-20)
            .reverse()
            .map((sample) => (
              <li key={sample.at}>
                <b>{sample.trigger}</b>{' '}
                <span class="quiet">{new Date(sample.at).toLocaleTimeString('en-GB')}</span>
              </li>
            ))}
        </ol>
      </Panel>
    </>
  );
}

type Part = [name: string, here: number, naive: number];

/** Dollars a day by what is billed, here and with one row a write. */
function parts(rows: number, rowsAndPipeline: number, naiveRows: number, requests: number): Part[] {
  const forRows = (rows / 1e6) * PRICES.DOLLARS_PER_MILLION_ROWS_WRITTEN;
  const forRequests = (requests / PRICES.MESSAGES_PER_REQUEST / 1e6) * PRICES.DOLLARS_PER_MILLION_REQUESTS;
  const forSeconds = (seconds: number) =>
    (seconds * PRICES.OBJECT_GB * PRICES.DOLLARS_PER_MILLION_GB_SECONDS) / 1e6;
  return [
    ['rows', forRows, naiveRows],
    ['Pipeline', Math.max(0, rowsAndPipeline - forRows), 0],
    ['requests', forRequests, forRequests],
    ['duration', forSeconds(DAY_MS / 1_000), forSeconds(requests * NAIVE_SECONDS)],
  ];
}

function Parts({ parts }: { parts: Part[] }) {
  const sum = (column: 1 | 2) => parts.reduce((all, part) => all + part[column], 0);
  return (
    <>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>Dollars a day for</th>
              <th class="n">this store</th>
              <th class="n">one row a write</th>
            </tr>
          </thead>
          <tbody>
            {[...parts, ['together', sum(1), sum(2)] as Part].map(([name, here, naive]) => (
              <tr key={name}>
                <td>{name}</td>
                <td class="n">{dollars(here)}</td>
                <td class="n">{dollars(naive)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="quiet">
        List prices, without what is included. Requests are counted as socket messages, twenty a request.
        Duration is of an object that is awake all day, the most it can be: it is while you look.
      </p>
    </>
  );
}

/** A colour of the style sheet as a canvas wants it, in the scheme that is shown. */
function resolved(host: HTMLElement, name: string): string {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  host.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

function Chart({ samples }: { samples: Sample[] }) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const marks = useRef<number[]>([]);
  const first = samples[0];
  const data: uPlot.AlignedData = [
    samples.map(({ at }) => at / 1_000),
    samples.map(({ rows }) => rows - first.rows),
    samples.map(({ naive }) => naive - first.naive),
  ];
  marks.current = samples
    .filter((sample, i) => i > 0 && sample.checkpoints > samples[i - 1].checkpoints)
    .map(({ at }) => at / 1_000);
  useEffect(() => {
    const host = box.current as HTMLDivElement;
    const colour = (name: string) => resolved(host, name);
    const axis = {
      stroke: colour('--quiet'),
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { stroke: colour('--line'), width: 1 },
    };
    const times = {
      ...axis,
      space: 80,
      incrs: [1, 2, 5, 10, 30, 60, 300, 600],
      values: (_: uPlot, seconds: number[]) =>
        seconds.map((second) => new Date(second * 1_000).toLocaleTimeString('en-GB')),
    };
    plot.current = new uPlot(
      {
        width: host.clientWidth,
        height: 220,
        series: [
          {},
          { label: 'rows written', stroke: colour('--accent'), width: 2 },
          { label: 'one row a write', stroke: colour('--quiet'), width: 2, dash: [4, 4] },
        ],
        scales: { x: { time: true, range: (_, from, to) => [from, Math.max(to, from + 10)] } },
        axes: [times, axis],
        legend: { live: false },
        hooks: {
          // A checkpoint is a line across.
          draw: [
            (chart) => {
              const { ctx, bbox } = chart;
              ctx.save();
              ctx.strokeStyle = colour('--mark');
              for (const at of marks.current) {
                const x = chart.valToPos(at, 'x', true);
                ctx.beginPath();
                ctx.moveTo(x, bbox.top);
                ctx.lineTo(x, bbox.top + bbox.height);
                ctx.stroke();
              }
              ctx.restore();
            },
          ],
        },
      },
      [[], [], []],
      host,
    );
    const resized = () => plot.current?.setSize({ width: host.clientWidth, height: 220 });
    addEventListener('resize', resized);
    return () => {
      removeEventListener('resize', resized);
      plot.current?.destroy();
    };
  }, []);
  useEffect(() => plot.current?.setData(data), [samples]);
  return (
    <div
      ref={box}
      class="chart"
      role="img"
      aria-label="Rows written since the page was opened, beside one row a write; a line across is a checkpoint"
    />
  );
}
