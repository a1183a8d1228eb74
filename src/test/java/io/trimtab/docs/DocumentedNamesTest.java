package io.trimtab.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.deploy.DeployedKafka;
import io.trimtab.deploy.ProgramFacts;
import io.trimtab.deploy.ServerSettings;
import io.trimtab.serving.grpc.ServerChannel;
import io.trimtab.serving.tracing.DocumentedAttributes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Settings, variables, attributes of traces and links in the documents lead somewhere. */
class DocumentedNamesTest {
  private static final Pattern SETTING = Pattern.compile("`(trimtab\\.[a-z0-9.-]+)(=[^`]*)?`");

  private static final Pattern ATTRIBUTE = Pattern.compile("`(gen_ai\\.[a-z0-9_.]+[a-z0-9])`");

  /** Of names in the wire contract. */
  private static final String API = "trimtab.v1";

  private static final Pattern VARIABLE = Pattern.compile("\\b(TRIMTAB_[A-Z_]*[A-Z])\\b");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

  static List<MarkdownFile> documents() {
    return MarkdownFile.all();
  }

  @ParameterizedTest
  @MethodSource("documents")
  void everySettingIsOneOfTheServers(MarkdownFile document) {
    Set<String> topics = DeployedKafka.topics().keySet();
    Set<String> attributes = DocumentedAttributes.names();
    SETTING
        .matcher(document.text())
        .results()
        .map(match -> match.group(1))
        .filter(name -> !topics.contains(name) && !attributes.contains(name))
        .filter(name -> !name.startsWith(API))
        .forEach(name -> assertThat(ServerSettings.has(name)).as(name).isTrue());
  }

  @ParameterizedTest
  @MethodSource("documents")
  void everyAttributeOfGenerativeAiIsTold(MarkdownFile document) {
    Set<String> attributes = DocumentedAttributes.names();
    ATTRIBUTE
        .matcher(document.text())
        .results()
        .map(match -> match.group(1))
        .forEach(name -> assertThat(attributes).contains(name));
  }

  @ParameterizedTest
  @MethodSource("documents")
  void everyVariableIsReadBySomebody(MarkdownFile document) {
    Set<String> settings = ServerSettings.byVariable().keySet();
    Set<String> launcher = ProgramFacts.launcherVariables();
    VARIABLE
        .matcher(document.text())
        .results()
        .map(match -> match.group(1))
        .forEach(
            name ->
                assertThat(
                        settings.contains(name)
                            || launcher.contains(name)
                            || name.equals(ServerChannel.KEY_VARIABLE))
                    .as(name)
                    .isTrue());
  }

  @ParameterizedTest
  @MethodSource("documents")
  void everyLinkLeadsSomewhere(MarkdownFile document) {
    List<String> links =
        LINK.matcher(document.prose())
            .results()
            .map((MatchResult match) -> match.group(1))
            .toList();
    for (String link : links) {
      if (link.startsWith("https://")) {
        continue;
      }
      String[] parts = link.split("#", 2);
      Path target = parts[0].isEmpty() ? document.path() : document.path().resolveSibling(parts[0]);
      assertThat(Files.exists(target)).as(link).isTrue();
      if (parts.length == 2) {
        assertThat(MarkdownFile.read(target).anchors()).as(link).contains(parts[1]);
      }
    }
  }
}
