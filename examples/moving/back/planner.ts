import { Planner, type State } from '../old/planner';
import { thingsOf } from '../src/things-of';

/** The agent as it was, which takes what a store has exported: all of it, or nothing. */
export class OldPlanner extends Planner {
  async takeBack(things: ReadableStream<Uint8Array>) {
    const state = { ...this.initialState };
    const cards: (State['cards'][0] & { position: number })[] = [];
    for await (const { $type, $id, title, points, position } of thingsOf(things)) {
      if ($type === 'Board') state.title = String(title);
      else cards.push({ id: $id, title: String(title), points: Number(points), position: Number(position) });
    }
    cards.sort((a, b) => a.position - b.position);
    state.cards = cards.map(({ position, ...card }) => card);
    this.setState(state);
  }
}
