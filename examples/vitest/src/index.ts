import routes, { UnifiedStoreObject } from '@unified-storage/worker';

export interface Card {
  title: string;
  points?: number;
}

export class Board extends UnifiedStoreObject<{ Card: Card }> {}

export default routes;
