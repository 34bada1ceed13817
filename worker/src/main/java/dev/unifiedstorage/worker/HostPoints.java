package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.DataPoint;
import dev.unifiedstorage.port.DataPoints;

/** A dataset of Analytics Engine: one {@code writeDataPoint()} a row. */
final class HostPoints implements DataPoints {
  private final Host host;

  HostPoints(Host host) {
    this.host = host;
  }

  @Override
  public void write(DataPoint point) {
    HostArray blobs = HostArray.create();
    for (String blob : point.blobs()) {
      blobs.push(blob);
    }
    HostArray doubles = HostArray.create();
    for (double value : point.doubles()) {
      doubles.push(value);
    }
    String error = host.writePoint(point.index(), blobs, doubles);
    if (error != null) {
      throw new IllegalStateException(error);
    }
  }
}
