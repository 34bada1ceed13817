import { BucketObjects, HttpObjects } from './objects.js';

const DEFAULT_TABLE = 'unified_storage.events';

/**
 * Where the archive is, as the Worker's variables say it; undefined when they do not.
 *
 * A half of it is an error at once: it would otherwise show when the archive is needed.
 */
export function settingsFrom(env) {
  if (!env.ICEBERG_CATALOG_URL) return undefined;
  const catalogUrl = url(env, 'ICEBERG_CATALOG_URL');
  const token = env.ICEBERG_TOKEN || undefined;
  const table = env.ICEBERG_TABLE || DEFAULT_TABLE;
  const levels = table.split('.');
  if (levels.length < 2 || levels.includes('')) {
    throw new Error(`ICEBERG_TABLE: expected namespace.table, found '${table}'`);
  }
  return {
    catalogUrl,
    token,
    warehouse: env.ICEBERG_WAREHOUSE || undefined,
    tableName: levels.pop(),
    levels,
    objects: objectsFrom(env, catalogUrl, token),
  };
}

function objectsFrom(env, catalogUrl, token) {
  if (env.WAREHOUSE) return new BucketObjects(env.WAREHOUSE);
  if (!env.ICEBERG_OBJECTS_URL) {
    throw new Error(
      'ICEBERG_CATALOG_URL is set, but nothing says where the objects are: ' +
        'bind the R2 bucket as WAREHOUSE or set ICEBERG_OBJECTS_URL',
    );
  }
  const objectsUrl = url(env, 'ICEBERG_OBJECTS_URL');
  // The token is the catalog's: another server is not told it.
  const own = new URL(objectsUrl).origin === new URL(catalogUrl).origin;
  return new HttpObjects(objectsUrl, own ? token : undefined);
}

function url(env, name) {
  const text = String(env[name]).replace(/\/+$/, '');
  if (!/^https?:/.test(text) || !URL.canParse(text)) {
    throw new Error(`${name}: expected an http(s) URL, found '${text}'`);
  }
  return text;
}
