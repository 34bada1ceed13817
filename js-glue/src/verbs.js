/** @import { Operation, StoreVerbs as Api } from './index.js' */

/** A refusal: `code` says which, `details` what a program needs to go on. */
export class StoreError extends Error {
  /**
   * @param {string} code
   * @param {string | Record<string, unknown>} [message] a sentence, or the details
   * @param {Record<string, unknown>} [details]
   */
  constructor(code, message, details) {
    // Nothing but its message comes through an RPC, so the code is in front of it.
    const sentence = typeof message === 'string' ? message : 'refused by the application';
    super(`${code}: ${sentence}`);
    this.name = 'StoreError';
    this.code = code;
    this.details = (typeof message === 'string' ? details : message) ?? {};
  }
}

/** Carries out one request of the protocol, and gives its reply. */
export const REQUEST = Symbol('request');

/**
 * The requests of the protocol as methods: each resolves when what it says is durable, and rejects
 * with a {@link StoreError}.
 *
 * @implements {Api}
 */
export class Verbs {
  /** @type {Api['create']} */
  create($type, data, { id, ...options } = {}) {
    return this[REQUEST]({
      type: 'create',
      $type,
      data: id === undefined ? data : { ...data, $id: id },
      ...options,
    });
  }

  /** @type {Api['put']} */
  put($type, $id, data, options) {
    return this[REQUEST]({ type: 'put', $type, $id, data, ...options });
  }

  /** @type {Api['update']} */
  update($id, edits) {
    return this[REQUEST]({ type: 'update', $id, ...edits });
  }

  /** @type {Api['delete']} */
  async delete($id, options) {
    await this[REQUEST]({ type: 'delete', $id, ...options });
  }

  /** @type {Api['batch']} */
  async batch(operations, options) {
    return (await this[REQUEST]({ type: 'batch', operations, ...options })).results;
  }

  /** @type {Api['read']} */
  async read($ids, options) {
    return (await this[REQUEST]({ type: 'read', $ids, ...options })).things;
  }

  /** @type {Api['query']} */
  query(query) {
    return this[REQUEST]({ type: 'query', ...query });
  }

  /** @type {Api['count']} */
  async count($type, where) {
    return (await this[REQUEST]({ type: 'count', $type, where })).count;
  }
}

/** What a reply's text says, without what only the wire needs; throws a refusal. */
export function outcomeOf(text) {
  const { id, status, code, error, details, ...outcome } = JSON.parse(text);
  if (status === 'error') throw Object.assign(new StoreError(code, error), details && { details });
  return outcome;
}

/**
 * The methods of an object by which an application takes part, where its class has them.
 *
 * @param {any} object
 */
export function hooksOf(object) {
  return {
    onWrite: object.onWrite?.bind(object),
    onChange: object.onChange?.bind(object),
    onUpcast: object.onUpcast?.bind(object),
  };
}

/** The longest reason of an `onUpcast` that is passed on, in characters. */
const MOST_REASON = 1_000;

/** An `onUpcast` as the core calls it, with fields as text: neither side can change what the other has. */
export function upcastOf(onUpcast) {
  return (type, form, text) => {
    try {
      const fields = onUpcast(type, form, JSON.parse(text));
      // A field may be called then; what one can wait for has a function of that name.
      const isOne = typeof fields === 'object' && fields !== null && !Array.isArray(fields);
      const answer = isOne && typeof fields.then !== 'function' && JSON.stringify(fields);
      if (answer) return { fields: answer };
      throw new TypeError('onUpcast has to return the fields, and at once');
    } catch (e) {
      const reason = e?.message ?? e;
      const known = typeof reason === 'string';
      return { error: known ? reason.slice(0, MOST_REASON) : 'onUpcast threw what is no error' };
    }
  };
}

/** A listener as the core calls it: what it throws is the application's, and ends in the log. */
export function listenerOf(listener) {
  return (text) => {
    try {
      listener(JSON.parse(text));
    } catch (e) {
      console.error(e);
    }
  };
}

/** @param {Record<string, object | null>} things */
export function changesOf(things) {
  return Object.entries(things).map(([$id, thing]) => ({ $id, thing }));
}

/**
 * The application's rule as the core calls it.
 *
 * @param {(operation: Operation, caller: object) => unknown} onWrite
 */
export function ruleOf(onWrite) {
  return (operation, socket, inProcess) => {
    try {
      const answer = onWrite(operation, socket?.caller ?? { via: inProcess ? 'process' : 'http' });
      if (answer === undefined) return operation;
      if (typeof answer === 'object' && answer !== null && !('then' in answer)) return answer;
      throw new TypeError('onWrite has to return an operation, or nothing, and at once');
    } catch (e) {
      const known = e instanceof StoreError;
      return {
        refused: {
          code: known ? e.code : 'INTERNAL_ERROR',
          message: known ? e.message.slice(e.code.length + 2) : `onWrite failed: ${e?.message ?? e}`,
          details: known ? JSON.stringify(e.details) : '',
        },
      };
    }
  };
}
