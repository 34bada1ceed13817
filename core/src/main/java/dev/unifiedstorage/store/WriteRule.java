package dev.unifiedstorage.store;

import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.JsonObject;

/**
 * What an application says to each write before it is applied: every create, put, update and
 * delete, those of a batch one by one.
 *
 * <p>It is called in the turn of the write, when everything before it is applied, and has to answer
 * at once.
 */
public interface WriteRule {
  /**
   * Judges a write.
   *
   * @param operation the write as the protocol has it; it may be changed
   * @param from the way back to the client, as the host gave it to the store
   * @return the write to carry out: the same, or another
   * @throws WriteRefusedException to refuse it
   */
  JsonObject judge(JsonObject operation, Connection from);
}
