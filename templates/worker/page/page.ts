import { connect } from '@unified-storage/client';
import type { Types } from '../src/types';

const name = new URLSearchParams(location.search).get('board') ?? 'demo';
const store = connect<Types>({ url: `${location.origin.replace('http', 'ws')}/stores/${name}` });
const cards = store.live({ $type: 'Card', orderBy: ['-points', 'title'] });

const element = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;

function show() {
  element('cards').replaceChildren(
    ...cards.items.map(({ $id, title, points }) => {
      const more = document.createElement('button');
      more.textContent = '+1';
      more.ariaLabel = `One more for ${title}`;
      more.onclick = () => attempt(store.update($id, { increment: { points: 1 } }));
      const item = document.createElement('li');
      item.append(`${title} ${points} `, more);
      return item;
    }),
  );
}

/** Says what the store refuses. */
async function attempt(write: Promise<unknown>) {
  element('said').textContent = await write.then(
    () => '',
    (refusal) => refusal.message,
  );
}

element<HTMLFormElement>('add').onsubmit = (event) => {
  event.preventDefault();
  const title = element<HTMLInputElement>('title');
  void attempt(store.create('Card', { title: title.value, points: 0 }));
  title.value = '';
};

store.onStatus(({ online }) => {
  element('state').textContent = online ? 'live' : 'offline: what you write is sent later';
});
cards.subscribe(show);
show();
