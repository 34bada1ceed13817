package dev.unifiedstorage.worker;

import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;

/** What happens in a transaction; false rolls it back. It does not throw. */
@JSFunctor
interface TransactionBody extends JSObject {
  boolean run();
}
