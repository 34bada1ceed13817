import { tested } from '@unified-storage/worker/vitest';
import routes, { Board as Product } from '../src/index';

/** The Worker's class, with a Pipeline and an archive in memory. */
export const Board = tested(Product);

export default routes;
