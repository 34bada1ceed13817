import { connect } from '@unified-storage/client';

const url = process.argv[2] ?? 'ws://127.0.0.1:8787/stores/board';
// readme:begin
const store = connect({ url });
const doing = store.live({ $type: 'Card', where: { column: 'Doing' }, orderBy: ['-points'] });
doing.subscribe(() => console.log(doing.items.map((card) => `${card.title} ${card.points}`)));
await doing.ready;
await store.put('Card', 'c1', { title: 'Write', column: 'Doing', points: 2 });
await store.put('Card', 'c2', { title: 'Read', column: 'Doing', points: 5 });
await store.update('c1', { increment: { points: 7 } });
await store.update('c2', { data: { column: 'Done' } });
// readme:end
// A push may come behind the answer to its write.
const shown = () => doing.items.map(({ points }) => points).join();
while (shown() !== '9') await new Promise((resolve) => setTimeout(resolve, 10));
store.close();
