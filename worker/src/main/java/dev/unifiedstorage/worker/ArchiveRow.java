package dev.unifiedstorage.worker;

import org.teavm.jso.JSObject;
import org.teavm.jso.JSProperty;

/** One row of the archive table, with its columns' names. */
interface ArchiveRow extends JSObject {
  @JSProperty
  double getEpoch();

  @JSProperty
  double getLife();

  @JSProperty
  double getSeq();

  @JSProperty
  String getVerb();

  @JSProperty
  String getEntityId();

  @JSProperty
  String getEntityType();

  @JSProperty
  double getVersion();

  @JSProperty
  double getTs();

  @JSProperty
  String getPayload();

  @JSProperty
  String getSession();

  @JSProperty
  String getSub();

  @JSProperty
  double getN();

  @JSProperty
  double getBatchIndex();

  @JSProperty
  double getEvents();
}
