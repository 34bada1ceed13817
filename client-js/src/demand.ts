import type { IR, LoadSubsetOptions } from '@tanstack/db';
import type { Where } from './index.ts';
import { ALL, type Lead, type Rows } from './window.ts';

/** What a live query asks for, in the store's words. @internal */
export interface Demand {
  /** Undefined: every thing. It may say less than was asked: the live query itself takes away what is too much. */
  where?: Where;
  /** By what a beginning is ordered; absent where all of it is wanted, or no beginning can be told. */
  lead?: Lead;
  rows: Rows;
}

/** The store's system fields: what else begins with `$` is TanStack DB's own, and the store does not know it. */
const SYSTEM = new Set(['$id', '$type', '$version', '$createdAt', '$updatedAt', '$expiresAt', '$form']);

/** As many literals `$in` takes. */
const MOST_LITERALS = 1_000;

/** A condition as the store says it, and whether it says all of it. */
interface Said {
  where?: Where;
  whole: boolean;
}

const NOT_SAID: Said = { whole: false };

/** What is pushed down to the store of what a live query asks for. @internal */
export function demandOf(options: LoadSubsetOptions): Demand {
  const { where, whole } = options.where === undefined ? { whole: true } : say(options.where);
  const said: Demand = { ...(where && { where }), rows: ALL };
  const lead = leadOf(options.orderBy?.[0]);
  const { limit, offset = 0, cursor } = options;
  // The first rows of more than was asked for may be none of those that were.
  if (limit === undefined || lead === undefined || !whole) return said;
  if (cursor === undefined) return { ...said, lead, rows: { count: offset + limit } };
  // Its offset counts ties only in part.
  const after = equalOf(cursor.whereCurrent);
  return after?.path === lead.path ? { ...said, lead, rows: { count: limit, after: after.value } } : said;
}

/** All rows that have one value in a field, which TanStack DB asks for behind each page: those that tie with its last one. */
export interface Tie {
  path: string;
  value: string | number;
  /** What else they have to be. */
  where?: Where;
}

/** The tie that a request asks for, if it does. @internal */
export function tieOf({ where, limit }: LoadSubsetOptions): Tie | undefined {
  if (limit !== undefined || where?.type !== 'func') return undefined;
  const tie = where.name === 'and' && where.args.length === 2 ? where.args[1] : where;
  const rest = tie === where ? undefined : (where.args[0] as LoadSubsetOptions['where']);
  const equal = equalOf(tie);
  return equal && { ...equal, ...(rest && { where: demandOf({ where: rest }).where }) };
}

function equalOf(expression: IR.BasicExpression): { path: string; value: string | number } | undefined {
  if (expression.type !== 'func' || expression.name !== 'eq') return undefined;
  const [field, value] = expression.args;
  const path = pathOf(field);
  return path !== undefined && value.type === 'val' && isOrdered(value.value)
    ? { path, value: value.value }
    : undefined;
}

function leadOf(clause: IR.OrderByClause | undefined): Lead | undefined {
  if (clause === undefined) return undefined;
  const path = pathOf(clause.expression);
  if (path === undefined) return undefined;
  const { direction, nulls, stringSort } = clause.compareOptions;
  return { path, descending: direction === 'desc', nulls, lexical: stringSort === 'lexical' };
}

/** The field that an expression is, as a path of the store. */
function pathOf(expression: IR.BasicExpression): string | undefined {
  if (expression.type !== 'ref') return undefined;
  const { path } = expression;
  return path[0].startsWith('$') && (path.length > 1 || !SYSTEM.has(path[0])) ? undefined : path.join('.');
}

function say(expression: IR.BasicExpression): Said {
  if (expression.type === 'ref') return compared('$eq', expression, true);
  if (expression.type === 'val') return expression.value === true ? { whole: true } : NOT_SAID;
  const { name, args } = expression;
  const value = args[1]?.type === 'val' ? args[1].value : undefined;
  switch (name) {
    case 'eq':
      return isPlain(value) ? compared('$eq', args[0], value) : NOT_SAID;
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return isOrdered(value) ? compared(`$${name}`, args[0], value) : NOT_SAID;
    case 'in':
      return Array.isArray(value) && value.length <= MOST_LITERALS && value.every(isPlain)
        ? compared('$in', args[0], value)
        : NOT_SAID;
    case 'and':
    case 'or': {
      const parts = args.map(say);
      const said = parts.flatMap(({ where }) => where ?? []);
      if (name === 'or' && said.length < parts.length) return NOT_SAID;
      return {
        ...(said.length > 0 && { where: { [`$${name}`]: said } }),
        whole: parts.every(({ whole }) => whole),
      };
    }
    default:
      return NOT_SAID;
  }
}

function compared(operator: string, field: IR.BasicExpression, value: unknown): Said {
  const path = pathOf(field);
  return path === undefined ? NOT_SAID : { where: { [path]: { [operator]: value } }, whole: true };
}

/** Values that are equal in the store to what they are equal to here: null and undefined are not. */
function isPlain(value: unknown) {
  return typeof value === 'boolean' || isOrdered(value);
}

/** Values that are less or more in the store as they are here. */
function isOrdered(value: unknown): value is string | number {
  return typeof value === 'string' || Number.isFinite(value);
}
