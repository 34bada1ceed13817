import { UnifiedStoreObject } from '@unified-storage/worker';

export class Board extends UnifiedStoreObject {
  onUpcast(type, form, fields) {
    if (form === 0) {
      const { name, ...others } = fields;
      return { ...others, title: name };
    }
    return { ...fields, points: Number(fields.points) };
  }
}
