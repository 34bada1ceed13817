package dev.unifiedstorage.emulator.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.emulator.time.ManualScheduler;
import dev.unifiedstorage.fixture.SilentObserver;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Siblings;
import dev.unifiedstorage.protocol.Route;
import dev.unifiedstorage.store.HttpRequest;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an SDK gets of an emulated object; the program's telemetry is one for all. */
@Isolated
class OpenTelemetryTracerTest {
  @TempDir Path folder;

  private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
  private final ManualScheduler scheduler = new ManualScheduler();
  private final List<Completion> sends = new ArrayList<>();
  private final List<Integer> statuses = new ArrayList<>();
  private EmulatedDurableObject object;

  @AfterEach
  void forget() {
    GlobalOpenTelemetry.resetForTest();
  }

  private void withSdk() {
    SdkTracerProvider provider =
        SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(exporter)).build();
    OpenTelemetrySdk.builder().setTracerProvider(provider).buildAndRegisterGlobal();
  }

  private void start() {
    ObjectHost host =
        new ObjectHost(
            "test",
            Map.of("DURABILITY", "pipeline"),
            new StoreFiles(folder),
            new EmulatorAlarms(folder.resolve("platform.sqlite")),
            json -> (records, completion) -> sends.add(completion),
            scheduler,
            Runnable::run,
            namespace -> new SilentObserver(),
            null,
            more -> {});
    object = new EmulatedDurableObject("traced", host, Siblings.NONE, namespace -> {});
  }

  private void ask(String method, String target, String body) {
    Route route = Route.parse(method, "/stores/traced/" + target, false);
    object.request(
        new HttpRequest(route, name -> null, body, null),
        (status, type, text) -> statuses.add(status));
  }

  private SpanData span(String name) {
    List<SpanData> all =
        exporter.getFinishedSpanItems().stream()
            .filter(span -> span.getName().equals("unified_storage." + name))
            .toList();
    assertEquals(1, all.size(), name + " in " + exporter.getFinishedSpanItems());
    return all.get(0);
  }

  private static double durationMs(SpanData span) {
    double ms = (span.getEndEpochNanos() - span.getStartEpochNanos()) / 1e6;
    assertEquals(
        ms, span.getAttributes().get(AttributeKey.doubleKey("unified_storage.duration_ms")));
    return ms;
  }

  @Test
  void theSdkGetsStartSendRequestAndCheckpointInTheStoresTime() {
    withSdk();
    start();
    String create = "{\"type\":\"create\",\"id\":1,\"$type\":\"Card\",\"data\":{\"$id\":\"a\"}}";
    ask("POST", "requests", create);
    scheduler.advance(120);
    sends.get(0).succeeded();
    assertEquals(List.of(200), statuses);
    ask("POST", "checkpoint", "");
    assertEquals(0, durationMs(span("recovery")));
    assertEquals(120, durationMs(span("send")));
    assertEquals(120, durationMs(span("request")));
    AttributeKey<String> type = AttributeKey.stringKey("unified_storage.type");
    assertEquals("create", span("request").getAttributes().get(type));
    assertEquals(StatusCode.UNSET, span("send").getStatus().getStatusCode());
    AttributeKey<String> namespace = AttributeKey.stringKey("unified_storage.namespace");
    assertEquals("traced", span("checkpoint").getAttributes().get(namespace));
    assertEquals("dev.unifiedstorage", span("send").getInstrumentationScopeInfo().getName());
  }

  @Test
  void aSendThatFailsIsAnError() {
    withSdk();
    start();
    ask("POST", "requests", "{\"type\":\"create\",\"id\":1,\"$type\":\"Card\",\"data\":{}}");
    sends.get(0).failed("the stream is full");
    assertEquals(StatusCode.ERROR, span("send").getStatus().getStatusCode());
    assertEquals("the stream is full", span("send").getStatus().getDescription());
  }

  /** It broke the object's start, and the writes that were sent. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aProgramsProcessorThatThrowsBreaksNothing(boolean atStart) {
    SpanProcessor throwing =
        new SpanProcessor() {
          @Override
          public void onStart(Context parent, ReadWriteSpan span) {
            if (atStart) {
              throw new IllegalStateException("no more spans");
            }
          }

          @Override
          public boolean isStartRequired() {
            return true;
          }

          @Override
          public void onEnd(ReadableSpan span) {
            throw new IllegalStateException("no more ends");
          }

          @Override
          public boolean isEndRequired() {
            return true;
          }
        };
    SdkTracerProvider provider = SdkTracerProvider.builder().addSpanProcessor(throwing).build();
    OpenTelemetrySdk.builder().setTracerProvider(provider).buildAndRegisterGlobal();
    start();
    ask("POST", "requests", "{\"type\":\"create\",\"id\":1,\"$type\":\"Card\",\"data\":{}}");
    scheduler.advance(120);
    sends.get(0).succeeded();
    ask("POST", "checkpoint", "");
    assertEquals(List.of(200, 200), statuses);
  }

  @Test
  void withoutAnSdkNothingIsFollowed() {
    assertNull(OpenTelemetryTracer.global());
    start();
    ask("POST", "requests", "{\"type\":\"create\",\"id\":1,\"$type\":\"Card\",\"data\":{}}");
    sends.get(0).succeeded();
    assertEquals(List.of(200), statuses);
    assertTrue(exporter.getFinishedSpanItems().isEmpty());
    // The program may still bring one: nothing was put in its place.
    withSdk();
    assertNotNull(OpenTelemetryTracer.global());
  }
}
