import './board.css';
import { useLiveQuery } from '@tanstack/react-db';
import { useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';
import { COLUMNS, type Card, type Column, cards, store } from './store.ts';

function Board() {
  const { data } = useLiveQuery((q) => q.from({ card: cards }).orderBy(({ card }) => card.position));
  return (
    <>
      <header>
        <h1>Board</h1>
        <Sync />
      </header>
      <main>
        {COLUMNS.map((column) => (
          <Lane key={column} column={column} of={data.filter((card) => card.column === column) as Card[]} />
        ))}
      </main>
    </>
  );
}

function Lane({ column, of }: { column: Column; of: Card[] }) {
  return (
    <section
      aria-label={column}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => move(event.dataTransfer.getData('text'), column)}
    >
      <h2>
        {column} <small>{of.length}</small>
      </h2>
      {of.map((card) => (
        <Tile key={card.$id} card={card} />
      ))}
      {column === COLUMNS[0] && <Add />}
    </section>
  );
}

function Tile({ card }: { card: Card }) {
  const index = COLUMNS.indexOf(card.column);
  return (
    <article draggable onDragStart={(event) => event.dataTransfer.setData('text', card.$id)}>
      <span>{card.title}</span>
      <span className="moves">
        {index > 0 && (
          <button
            type="button"
            aria-label={`Move ${card.title} back`}
            onClick={() => move(card.$id, COLUMNS[index - 1])}
          >
            ←
          </button>
        )}
        {index < COLUMNS.length - 1 && (
          <button
            type="button"
            aria-label={`Move ${card.title} on`}
            onClick={() => move(card.$id, COLUMNS[index + 1])}
          >
            →
          </button>
        )}
        <button
          type="button"
          aria-label={`Delete ${card.title}`}
          onClick={() => settle(cards.delete(card.$id))}
        >
          ×
        </button>
      </span>
    </article>
  );
}

function Add() {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        const title = (new FormData(form).get('title') as string).trim();
        if (title === '') return;
        const card = { $id: crypto.randomUUID(), title, column: COLUMNS[0], position: Date.now() };
        settle(cards.insert(card as unknown as Card));
        form.reset();
      }}
    >
      <input name="title" placeholder="New card" aria-label="New card" autoComplete="off" />
    </form>
  );
}

function move(id: string, column: Column) {
  if (!cards.has(id)) return;
  settle(
    cards.update(id, (card) => {
      card.column = column;
      card.position = Date.now();
    }),
  );
}

/** What the store refuses is taken back by the collection; the rest is said. */
function settle(transaction: { isPersisted: { promise: Promise<unknown> } }) {
  transaction.isPersisted.promise.catch((error) => console.warn(String(error)));
}

function Sync() {
  const status = useSyncExternalStore(
    (changed) => store.onStatus(changed),
    () => store.status,
  );
  const pending = status.pending > 0 ? `, ${status.pending} to be sent` : '';
  return <output>{status.online ? `online${pending}` : `offline${pending}`}</output>;
}

createRoot(document.getElementById('app') as HTMLElement).render(<Board />);
