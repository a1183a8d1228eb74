package io.trimtab.app;

import io.smallrye.config.WithDefault;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The settings of what turns feedback into revisions; part of {@link TrimtabConfig}. */
interface AdaptationConfig {
  /** Kafka, or the broker that runs in this process where no cluster is named. */
  interface Kafka {
    /** {@code host:port} of a cluster, several with commas. Default: the embedded broker. */
    Optional<String> bootstrapServers();

    /**
     * Port of the embedded broker, 0 to 65535. Default 0: the one it had last where that is free,
     * else any.
     */
    @WithDefault("0")
    int port();

    /**
     * First part of all topics' names: 1 to 200 letters, digits, {@code .}, {@code _} and {@code
     * -}, no dot first. Default {@code trimtab}.
     */
    @WithDefault("trimtab")
    String topicPrefix();

    /** Of topics that are made here, 1 to 10000. Default 4. */
    @WithDefault("4")
    int partitions();

    /** Of topics that are made at a cluster, 1 to 32767. Default 1. */
    @WithDefault("1")
    short replication();

    /**
     * Consumer group of those who read feedback, a name as the topics' first part. Default {@code
     * trimtab}.
     */
    @WithDefault("trimtab")
    String group();

    /** Largest value of a record, 1024 to 104857600; topics made here take it. Default 1000000. */
    @WithDefault("1000000")
    int recordBytesMax();

    /** Bytes of records that wait for the broker, recordBytesMax to 2^60. Default 32 MiB. */
    @WithDefault("33554432")
    long inFlightBytesMax();

    /**
     * Seconds until a record that the broker has not acknowledged has failed, 1 to 86399, and at
     * least what {@code client."request.timeout.ms"} and {@code client."linger.ms"} are together.
     * Default 5.
     */
    @WithDefault("5")
    int appendSeconds();

    /**
     * Kafka's own client properties by their names, such as {@code client."security.protocol"};
     * none of those that Trimtab sets itself, such as {@code acks}. Default: none.
     */
    Map<String, String> client();
  }

  /** What feedback may bring, and how long predictions are kept for it. */
  interface FeedbackSettings {
    /** Characters of a correction, from 1. Default 10000. */
    @WithDefault("10000")
    int correctionCharactersMax();

    /** Pictures that feedback must show, 0 to 16; 0 takes feedback about text alone. Default 1. */
    @WithDefault("1")
    int picturesMin();

    /** Examples of one adapter, retracted ones among them, from 1. Default 100000. */
    @WithDefault("100000")
    int examplesPerAdapterMax();

    /**
     * Seconds that a retained prediction can be named by feedback, 1 to 2147483647. Default a day.
     */
    @WithDefault("86400")
    long retainSeconds();

    /**
     * Bytes of retained predictions, pictures included, 1 to 2^60; the oldest go first. Default 1
     * GiB.
     */
    @WithDefault("1073741824")
    long retainBytesMax();
  }

  /** What files of training data may be. */
  interface TrainingData {
    /**
     * Bytes of a file, 1 to 67108864 (64 MiB): the request that brings it has no more, what is
     * around the file included. Default 60 MiB.
     */
    @WithDefault("62914560")
    long bytesMax();

    /** Lines of a file that hold an example, from 1. Default 10000. */
    @WithDefault("10000")
    int linesMax();

    /** Files that one tenant has at a time, from 1. Default 100. */
    @WithDefault("100")
    int perTenantMax();
  }

  /**
   * When an adapter is tuned, and how. Names of settings are PEFT's and transformers'. No wait in
   * seconds is longer than 2147483647.
   */
  interface Tuning {
    /** {@code auto} (as the model), {@code cpu} or {@code cuda:N}. Default {@code auto}. */
    @WithDefault("auto")
    String device();

    /** Threads of PyTorch, 0 to 1024; 0 is one less than the cores, at least 1. Default 0. */
    @WithDefault("0")
    int threads();

    /** Heap of the tuning process in bytes, from 64 MiB; weights lie outside. Default 1 GiB. */
    @WithDefault("1073741824")
    long heapBytesMax();

    /**
     * {@code sa-proj}, {@code sa-qkv}, {@code gate-up} or {@code projector}. Default {@code
     * sa-proj}.
     */
    @WithDefault("sa-proj")
    String recipe();

    /**
     * Rank [r], 1 to 1024; where this process tunes, at most {@code adapters.max-lora-rank}.
     * Default 16.
     */
    @WithDefault("16")
    int r();

    /** Numerator of the scaling, above 0. Default 32. */
    @WithDefault("32")
    float loraAlpha();

    /** Whether the scaling is alpha/√r. Default false. */
    @WithDefault("false")
    boolean useRslora();

    /** The highest learning rate, above 0. Default 3e-3. */
    @WithDefault("3e-3")
    double learningRate();

    /** From 0. Default 0. */
    @WithDefault("0")
    double weightDecay();

    /** The gradient's norm is cut to this, above 0. Default 1. */
    @WithDefault("1")
    double maxGradNorm();

    /** Updates at most, from 1. Default 450. */
    @WithDefault("450")
    int maxSteps();

    /** Sequences of an update, rehearsal included, from 1. Default 16. */
    @WithDefault("16")
    int batchSize();

    /**
     * Sequences that run at once, from 1; what memory is needed for. More than {@code batch-size}
     * is taken as that. Default 16.
     */
    @WithDefault("16")
    int microBatchSize();

    /** Share of the updates, 0 to 1. Default 0.03. */
    @WithDefault("0.03")
    double warmupRatio();

    /** Updates between two validations, from 1. Default 50. */
    @WithDefault("50")
    int evalSteps();

    /** Validations without a better loss after which training ends, from 1. Default 4. */
    @WithDefault("4")
    int earlyStoppingPatience();

    /** Updates between two checkpoints, from 1. Default 50. */
    @WithDefault("50")
    int saveSteps();

    /** Of the order of examples and of the first values, any number. Default 1. */
    @WithDefault("1")
    long seed();

    /** Share of a batch that is rehearsal, 0 to below 1. Default 0.5. */
    @WithDefault("0.5")
    double rehearsalShare();

    /** Weight of the loss on it, from 0. Default 3. */
    @WithDefault("3")
    double rehearsalWeight();

    /** Temperature of its distributions, above 0. Default 1. */
    @WithDefault("1")
    double rehearsalTemperature();

    /** Prompts that base answers for a job, 0 to 100000. Default 600. */
    @WithDefault("600")
    int rehearsalMax();

    /** New examples that are enough, once it has been quiet; from 1. Default 32. */
    @WithDefault("32")
    int examples();

    /**
     * New examples below which nothing is tuned by itself, from 1. More than {@code examples} is
     * taken as that. Default 8.
     */
    @WithDefault("8")
    int examplesMin();

    /** Seconds without a new example after which a burst is over, from 0. Default 30. */
    @WithDefault("30")
    long quietSeconds();

    /** Seconds after which the oldest new example has waited long enough, from 1. Default a day. */
    @WithDefault("86400")
    long ageSecondsMax();

    /**
     * Seconds without a job that examples start after one that was refused or failed, from 0;
     * doubled by each more in a row. Default 600.
     */
    @WithDefault("600")
    long coolDownSeconds();

    /**
     * What that grows to, from 0. Less than {@code cool-down-seconds} is taken as that. Default a
     * day.
     */
    @WithDefault("86400")
    long coolDownSecondsMax();

    /** How many times as long a decode step may take beside tuning, from 1. Default 1.2. */
    @WithDefault("1.2")
    double latencyAllowance();

    /**
     * Milliseconds that tuning stands at most under load, before it gets a slice, 1 to 3600000;
     * less where 39 times its last slice is less. Default 60000.
     */
    @WithDefault("60000")
    long heldMillisMax();
  }

  /** How served revisions are watched for drift. */
  interface Drift {
    /** Share of live answers of tuned revisions that base reads too, 0 to 1. Default 0.1. */
    @WithDefault("0.1")
    double share();

    /** Tokens of an answer that are read, 1 to 4096. Default 256. */
    @WithDefault("256")
    int tokensMax();

    /**
     * Answers that wait to be read, from 1; more are left out. They wait in the background, where
     * trimtab.engine.queue-size and trimtab.engine.per-tenant.max-queued bound them as well,
     * together with the questions of gate and probes. Default 128: half of the queue is theirs.
     */
    @WithDefault("128")
    int pendingMax();

    /**
     * Answers read of a revision to a false alarm, on average at least: 100 to 1e9. Default 20000.
     */
    @WithDefault("20000")
    double averageRunLength();

    /** Answers read of a revision before it may warn or alarm, from 1. Default 8. */
    @WithDefault("8")
    int warmUp();

    /** Revisions that are watched in memory, from 1. Default 16384. */
    @WithDefault("16384")
    int watchedMax();

    /**
     * Seconds from one run of the probes to the next, 0 to 2147483647; 0: no revision is probed for
     * its age alone. Default six hours.
     */
    @WithDefault("21600")
    long probeSeconds();

    /**
     * Token classes beside the built-in ones: {@code classes.NAME=word,word}. A name is {@code
     * [a-z][a-z0-9_]{0,30}} and none of {@code numbers}, {@code yes_no}, {@code refusals}, {@code
     * silence}; of the words, one at least is a token of the model's. Default: none.
     */
    Map<String, List<String>> classes();
  }

  /** What is done about drift. */
  interface Governor {
    /** {@code act}, or {@code advise} to say what would be done. Default {@code act}. */
    @WithDefault("act")
    String mode();

    /** What a damped revision's scale is multiplied by, above 0 and below 1. Default 0.7. */
    @WithDefault("0.7")
    double dampTo();

    /** No scale is damped below this, 0 to 1; it is rolled back then. Default 0.4. */
    @WithDefault("0.4")
    double scaleMin();

    /**
     * Excess over the envelope from which a revision is quarantined at once, 0 to 1. Default 0.25.
     */
    @WithDefault("0.25")
    double severe();

    /** Changes of one adapter within the span, 1 to 64; the next waits for its end. Default 4. */
    @WithDefault("4")
    int actionsMax();

    /** The span in seconds, from 1. Default an hour. */
    @WithDefault("3600")
    long withinSeconds();

    /**
     * Answers read before a canary is served to all, once no warning stands, from 0; counted anew
     * once the inputs have changed; 0: never. Default 200.
     */
    @WithDefault("200")
    int canaryAnswers();

    /** Whether what was taken away is tuned anew. Default true. */
    @WithDefault("true")
    boolean retrain();
  }

  /** What the gate holds candidates against; shares are 0 to 1. */
  interface Gate {
    /** Of every bound, one-sided, 0.5 to below 1. Default 0.95. */
    @WithDefault("0.95")
    double confidence();

    /** Different corrections that were not trained on, at least; from 1. Default 12. */
    @WithDefault("12")
    int validationMin();

    /** Probes that base answers as they say, at least; from 1. Default 100. */
    @WithDefault("100")
    int probesMin();

    /** Accuracy on corrections rises by more than this. Default 0.05. */
    @WithDefault("0.05")
    double gainMin();

    /** Accuracy on corrections ends at this at least. Default 0.2. */
    @WithDefault("0.2")
    double accuracyMin();

    /** Accuracy on probes falls by this at most. Default 0.05. */
    @WithDefault("0.05")
    double dropMax();

    /** No task of the probes is shown to fall by more than this. Default 0.1. */
    @WithDefault("0.1")
    double taskDropMax();

    /** Probes that a task needs to be judged by itself, from 1. Default 8. */
    @WithDefault("8")
    int taskProbesMin();

    /** Probes without an answer on which base is contradicted. Default 0.25. */
    @WithDefault("0.25")
    double disagreementMax();

    /** Change of a class of answers on probes. Default 0.05. */
    @WithDefault("0.05")
    double biasMax();

    /** KL in nats a token that is remarked on, from 0. Default 1. */
    @WithDefault("1")
    double klAdvised();

    /**
     * To try where the whole delta drifts too far: at least one, falling, each above 0 and at most
     * 1. Default 1, 0.85, 0.7.
     */
    @WithDefault("1,0.85,0.7")
    List<Float> scales();
  }
}
