import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { textOf } from './api.ts';

export const integer = (value: number | undefined) =>
  value === undefined ? '–' : Math.round(value).toLocaleString('en');

export function bytes(value: number): string {
  if (value < 1_024) return `${value} B`;
  const units = ['KiB', 'MiB', 'GiB'];
  let size = value;
  let unit = '';
  for (const next of units) {
    if (size < 1_024) break;
    size /= 1_024;
    unit = next;
  }
  return `${size.toFixed(size < 10 ? 1 : 0)} ${unit}`;
}

export function dollars(value: number): string {
  return value === 0 ? '$0' : value < 0.01 ? `$${value.toPrecision(2)}` : `$${value.toFixed(2)}`;
}

export const time = (ms: number) => new Date(ms).toLocaleString('en-GB', { hour12: false });

/** A value that is asked for again and again while the page is seen. */
export function usePolled<T>(ask: () => Promise<T>, everyMs: number, keys: unknown[]) {
  const [state, setState] = useState<{ value?: T; error?: string }>({});
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout>;
    const again = async () => {
      if (!document.hidden) {
        try {
          const value = await ask();
          if (!over) setState({ value });
        } catch (error) {
          if (!over) setState((before) => ({ ...before, error: textOf(error) }));
        }
      }
      if (!over) timer = setTimeout(again, everyMs);
    };
    setState({});
    void again();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, keys);
  return state;
}

export function Problem({ text }: { text?: string }) {
  return text ? (
    <p class="problem" role="alert">
      {text}
    </p>
  ) : null;
}

export function Panel({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="panel">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

export function Facts({ of }: { of: [string, ComponentChildren][] }) {
  return (
    <dl class="facts">
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A button that does something and says what came of it. */
export function Action({
  label,
  act,
  danger,
  disabled,
}: {
  label: string;
  act: () => Promise<string>;
  danger?: boolean;
  disabled?: boolean;
}) {
  const [state, setState] = useState<{ busy?: boolean; said?: string; failed?: boolean }>({});
  const run = async () => {
    setState({ busy: true });
    try {
      setState({ said: await act() });
    } catch (error) {
      setState({ said: textOf(error), failed: true });
    }
  };
  return (
    <span class="action">
      <button type="button" class={danger ? 'danger' : ''} disabled={disabled || state.busy} onClick={run}>
        {state.busy ? '…' : label}
      </button>
      {state.said && (
        <span class={state.failed ? 'problem' : 'said'} role="status">
          {state.said}
        </span>
      )}
    </span>
  );
}
