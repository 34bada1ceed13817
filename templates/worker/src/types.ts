/** What a board has, for the Worker and for the page. */
export type Types = {
  Card: { title: string; points: number };
};
