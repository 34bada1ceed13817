import { Agent } from 'agents';

export type State = { title: string; cards: { id: string; title: string; points: number }[] };

/** A planner as it was: an agent, whose state is one value. */
export class Planner extends Agent<Cloudflare.Env, State> {
  initialState: State = { title: 'Sprint', cards: [] };

  add(id: string, title: string, points: number) {
    this.setState({ ...this.state, cards: [...this.state.cards, { id, title, points }] });
  }

  all() {
    return this.state;
  }
}
