package io.trimtab.serving.finetuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.trimtab.adaptation.job.OrderedTraining;
import io.trimtab.serving.http.FieldException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobRequestTest {
  private static final String NAMES = "\"training_file\":\"file-1\",\"model\":\"base\"";

  @Test
  void whatIsAskedIsRead() {
    assertThat(
            read(
                "{%s,\"suffix\":\"birds\",\"seed\":7,\"metadata\":{\"who\":\"me\"},\"method\":{\"type\":\"supervised\",\"supervised\":{\"hyperparameters\":{\"n_epochs\":3,\"batch_size\":\"auto\",\"learning_rate_multiplier\":0.5}}}}"))
        .isEqualTo(
            new JobRequest(
                "file-1",
                "base",
                "birds",
                new OrderedTraining(3, 0.5, null, 7L),
                Map.of("who", "me")));
    assertThat(read("{%s,\"hyperparameters\":{\"batch_size\":8}}").training())
        .isEqualTo(new OrderedTraining(null, null, 8, null));
  }

  @Test
  void whatIsNullOrAutoIsTheServersOwn() {
    JobRequest usual = new JobRequest("file-1", "base", "", OrderedTraining.USUAL, Map.of());
    assertThat(read("{%s}")).isEqualTo(usual);
    assertThat(
            read(
                "{%s,\"suffix\":null,\"seed\":null,\"metadata\":null,\"method\":null,\"validation_file\":null,\"integrations\":null,\"hyperparameters\":{\"n_epochs\":\"auto\"}}"))
        .isEqualTo(usual);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "[] | body | no JSON object",
        "null | body | no JSON object",
        "{\"model\":\"base\"} | training_file | training_file is missing",
        "{\"training_file\":\"file-1\",\"model\":\"\"} | model | expected a text",
        "{\"training_file\":1,\"model\":\"base\"} | training_file | training_file is '1'",
        "{%s,\"suffix\":3} | suffix | suffix is '3'",
        "{%s,\"seed\":1.5} | seed | expected a whole number",
        "{%s,\"validation_file\":\"file-2\"} | validation_file | not supported",
        "{%s,\"integrations\":[{\"type\":\"wandb\"}]} | integrations | expected none",
        "{%s,\"n_epochs\":3} | n_epochs | n_epochs is not supported",
        "{%s,\"metadata\":[]} | metadata | out of bounds",
        "{%s,\"metadata\":{\"a\":1}} | metadata | out of bounds",
        "{%s,\"hyperparameters\":{\"n_epochs\":0}} | hyperparameters.n_epochs | auto or 1 to 50",
        "{%s,\"hyperparameters\":{\"n_epochs\":2.5}} | hyperparameters.n_epochs | '2.5'",
        "{%s,\"hyperparameters\":{\"batch_size\":257}} | hyperparameters.batch_size | 1 to 256",
        "{%s,\"hyperparameters\":{\"learning_rate_multiplier\":0}} |"
            + " hyperparameters.learning_rate_multiplier | above 0",
        "{%s,\"hyperparameters\":{\"beta\":1}} | hyperparameters.beta | not supported",
        "{%s,\"method\":{\"type\":\"dpo\"}} | method.type | expected supervised",
        "{%s,\"method\":{\"type\":\"supervised\",\"dpo\":{}}} | method.dpo | not supported",
        "{%s,\"method\":{\"type\":\"supervised\"},\"hyperparameters\":{}} | hyperparameters | one"
            + " of them",
      })
  void whatCannotBeHonouredIsRefusedWithItsField(String body, String param, String expected) {
    assertThatThrownBy(() -> read(body))
        .isInstanceOfSatisfying(FieldException.class, e -> assertThat(e.param()).isEqualTo(param))
        .hasMessageContaining(expected);
  }

  private static JobRequest read(String body) {
    try {
      return JobRequest.of(new JsonMapper().readTree(body.replace("%s", NAMES)));
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }
}
