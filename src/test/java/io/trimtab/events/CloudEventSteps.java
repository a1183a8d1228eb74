package io.trimtab.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.cucumber.java.en.Given;
import io.cucumber.java.en.Then;
import io.cucumber.java.en.When;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.io.IOException;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/** What the features of this package say, done with the readers that the server has. */
public final class CloudEventSteps {
  private final Map<String, String> headers = new HashMap<>();
  private byte[] body = new byte[0];
  private @Nullable CloudEvent event;
  private @Nullable TrimtabException refusal;

  @Given("a record with the value")
  @Given("a request with the body")
  public void body(String text) {
    body = text.getBytes(UTF_8);
  }

  @Given("the header {string} is {string}")
  @Given("the header {string} has the value")
  public void header(String name, String value) {
    headers.put(name, value);
  }

  @Given("there is no header {string}")
  public void noHeader(String name) {
    assertThat(headers.remove(name)).isNotNull();
  }

  @When("the record is read")
  public void readRecord() {
    Headers all = new RecordHeaders();
    headers.forEach((name, value) -> all.add(name, value.getBytes(UTF_8)));
    read(() -> new EventRecords("/test", Clock.systemUTC()).read(all, body));
  }

  @When("the request is read")
  public void readRequest() {
    Map<String, List<String>> all = new HashMap<>();
    headers.forEach((name, value) -> all.put(name, List.of(value)));
    EventRequests.Headers read = new EventRequests.Headers(all);
    EventRequests requests = new EventRequests(1);
    read(
        () ->
            switch (EventRequests.mode(read)) {
              case BINARY -> requests.binary(read, body);
              case STRUCTURED -> requests.structured(body);
              case BATCHED, NONE -> throw new AssertionError("Expected one event, got " + headers);
            });
  }

  private interface Reading {
    CloudEvent read();
  }

  private void read(Reading reading) {
    try {
      event = reading.read();
    } catch (TrimtabException e) {
      refusal = e;
    }
  }

  @Then("the event has the attributes")
  public void attributes(Map<String, String> expected) {
    CloudEvent read = event();
    expected.forEach(
        (name, value) ->
            assertThat(Objects.toString(read.getAttribute(name))).as(name).isEqualTo(value));
  }

  @Then("the event has the extension {string} of {string}")
  public void extension(String name, String value) {
    assertThat(event().getExtension(name)).isEqualTo(value);
  }

  @Then("its data is the JSON")
  public void data(String expected) throws IOException {
    CloudEventData data = event().getData();
    assertThat(data).isNotNull();
    JsonMapper json = new JsonMapper();
    assertThat(json.readTree(data.toBytes())).isEqualTo(json.readTree(expected));
  }

  @Then("it is refused")
  public void refused() {
    assertThat(refusal)
        .as("%s", event)
        .isInstanceOfSatisfying(
            TrimtabException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
  }

  private CloudEvent event() {
    CloudEvent read = event;
    if (read == null) {
      throw new AssertionError("No event was read", refusal);
    }
    return read;
  }
}
