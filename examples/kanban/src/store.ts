import { createCollection } from '@tanstack/react-db';
import { connect, indexedDbOutbox } from '@unified-storage/client';
import { unifiedStorageCollectionOptions } from '@unified-storage/client/tanstack';

export const COLUMNS = ['To do', 'Doing', 'Done'] as const;
export type Column = (typeof COLUMNS)[number];

type Types = {
  Card: { title: string; column: Column; position: number };
};

/** Edits that have no answer yet outlive the page. */
export const store = connect<Types>({
  url: `${location.origin.replace('http', 'ws')}/stores/board`,
  outbox: indexedDbOutbox('board'),
});

export const cards = createCollection(unifiedStorageCollectionOptions({ store, $type: 'Card' }));

export type Card = NonNullable<ReturnType<typeof cards.get>>;
