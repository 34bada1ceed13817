/** In the place of the platform's module, which `agents` imports and `workerd` alone does not have. */
export class EmailMessage {}
