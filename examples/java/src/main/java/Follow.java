import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Follows a topic of golden records from an exported snapshot: {@code Follow BROKERS FOLDER [once]}.
 *
 * <p>FOLDER holds what {@code cabin export entity KIND --to FOLDER} wrote. The same rules as examples/python/follow.py: the highest version of each entity is kept, the folder is
 * written anew whenever the follower is at rest, and a gap ends it with exit code 4.
 */
public final class Follow {
    static final int GAP = 4;
    static final Duration POLL = Duration.ofSeconds(1);
    static final ZoneOffset BEIJING = ZoneOffset.ofHours(8);
    static final ObjectMapper JSON = new ObjectMapper();

    /** Something between the snapshot and the topic may be missing; only a new snapshot helps. */
    static final class Gap extends Exception {
        Gap(String message) {
            super(message);
        }
    }

    /** What is held of an entity; the record is null after a tombstone. */
    record Held(String generation, long version, JsonNode record) {}

    /** The folder: entities by id, and the positions behind them. */
    static final class Snapshot {
        final Path folder;
        final ObjectNode positions;
        final Map<String, Held> entities = new TreeMap<>();

        Snapshot(Path folder) throws IOException, Gap {
            this.folder = folder;
            positions = (ObjectNode) JSON.readTree(Files.readAllBytes(folder.resolve("positions.json")));
            byte[] content = Files.readAllBytes(folder.resolve(positions.get("file").asText()));
            if (!sha256(content).equals(positions.get("sha256").asText())) {
                throw new Gap("snapshot-damaged: the file is not the one its positions were written for");
            }
            for (String line : new String(content, StandardCharsets.UTF_8).split("\n")) {
                if (!line.isEmpty()) {
                    JsonNode held = JSON.readTree(line);
                    JsonNode record = held.get("record");
                    entities.put(held.get("entity").asText(), new Held(held.get("generation").asText(), held.get("version").asLong(), record.isNull() ? null : record));
                }
            }
        }

        Map<TopicPartition, Long> offsets() {
            Map<TopicPartition, Long> found = new TreeMap<>((one, other) -> Integer.compare(one.partition(), other.partition()));
            positions.get("partitions").properties().forEach(each -> found.put(new TopicPartition(topic(), Integer.parseInt(each.getKey())), each.getValue().asLong()));
            return found;
        }

        String topic() {
            return positions.get("topic").asText();
        }

        /** Applies one message. A tombstone keeps its version, so that an older message cannot bring the entity back. */
        void take(ConsumerRecord<byte[], byte[]> message) throws IOException {
            String entity = new String(message.key(), StandardCharsets.UTF_8);
            String generation = header(message, "generation");
            long version = Long.parseLong(header(message, "version"));
            Held held = entities.get(entity);
            if (held == null || !held.generation().equals(generation) || held.version() <= version) {
                entities.put(entity, new Held(generation, version, message.value() == null ? null : JSON.readTree(message.value())));
            }
        }

        /** Writes entities, then positions, each on disk before its name is known. */
        void save(Map<TopicPartition, Long> ends) throws IOException {
            ByteArrayOutputStream lines = new ByteArrayOutputStream();
            for (Map.Entry<String, Held> each : entities.entrySet()) {
                ObjectNode line = JSON.createObjectNode().put("entity", each.getKey()).put("generation", each.getValue().generation()).put("version", each.getValue().version());
                line.set("record", each.getValue().record());
                lines.write(JSON.writeValueAsBytes(line));
                lines.write('\n');
            }
            String old = positions.get("file").asText();
            String digest = sha256(lines.toByteArray());
            String file = positions.get("kind").asText() + "." + digest.substring(0, 16) + ".ndjson";
            ObjectNode partitions = positions.putObject("partitions");
            ends.forEach((place, end) -> partitions.put(Integer.toString(place.partition()), end));
            positions.put("moment", OffsetDateTime.now(BEIJING).truncatedTo(ChronoUnit.MILLIS).toString());
            positions.put("file", file).put("sha256", digest).put("entities", entities.size());
            write(file, lines.toByteArray());
            write("positions.json", JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(positions));
            if (!old.equals(file)) {
                Files.deleteIfExists(folder.resolve(old));
            }
        }

        private void write(String name, byte[] content) throws IOException {
            Path half = folder.resolve(name + ".half");
            Files.write(half, content);
            sync(half);
            Files.move(half, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            sync(folder);
        }
    }

    /** Raises {@code Gap} where the topic is another one, or does not reach from before these positions to behind them. */
    static void check(Admin admin, Consumer<byte[], byte[]> consumer, Snapshot snapshot, Map<TopicPartition, Long> positions) throws Exception {
        TopicDescription told;
        try {
            told = admin.describeTopics(List.of(snapshot.topic())).allTopicNames().get().get(snapshot.topic());
        } catch (ExecutionException error) {
            if (error.getCause() instanceof UnknownTopicOrPartitionException) {
                throw new Gap("topic-made-anew: the topic is gone");
            }
            throw error;
        }
        String id = new java.util.UUID(told.topicId().getMostSignificantBits(), told.topicId().getLeastSignificantBits()).toString();
        if (!id.equals(snapshot.positions.get("topic_id").asText())) {
            throw new Gap("topic-made-anew: another topic of the same name; its offsets mean nothing here");
        }
        if (told.partitions().size() != positions.size()) {
            throw new Gap("partitions-changed: entities may lie in other partitions now");
        }
        Map<TopicPartition, Long> begins = consumer.beginningOffsets(positions.keySet());
        Map<TopicPartition, Long> ends = consumer.endOffsets(positions.keySet());
        for (Map.Entry<TopicPartition, Long> each : positions.entrySet()) {
            TopicPartition place = each.getKey();
            if (begins.get(place) > each.getValue()) {
                throw new Gap("start-truncated: partition " + place.partition() + " begins at " + begins.get(place) + ", behind the snapshot's " + each.getValue());
            }
            if (ends.get(place) < each.getValue()) {
                throw new Gap("end-below-position: partition " + place.partition() + " ends at " + ends.get(place) + ", before the snapshot's " + each.getValue());
            }
        }
    }

    /** Takes messages until the end as it is at rest ({@code once}) or for ever; gives how many there were. */
    static long follow(Admin admin, Consumer<byte[], byte[]> consumer, Snapshot snapshot, boolean once) throws Exception {
        Duration age = Duration.between(OffsetDateTime.parse(snapshot.positions.get("moment").asText()), OffsetDateTime.now());
        if (age.toMillis() > snapshot.positions.get("tombstones_kept_ms").asLong()) {
            throw new Gap("snapshot-too-old: entities may have been deleted and their tombstones already forgotten");
        }
        Map<TopicPartition, Long> positions = snapshot.offsets();
        check(admin, consumer, snapshot, positions);
        consumer.assign(positions.keySet());
        positions.forEach(consumer::seek);
        long taken = 0;
        boolean unsaved = true;
        while (true) {
            ConsumerRecords<byte[], byte[]> batch;
            try {
                batch = consumer.poll(POLL);
            } catch (OffsetOutOfRangeException error) {
                throw new Gap("start-truncated: the topic was cut while it was followed");
            }
            for (ConsumerRecord<byte[], byte[]> message : batch) {
                snapshot.take(message);
                taken++;
                unsaved = true;
            }
            positions.replaceAll((place, position) -> consumer.position(place));
            if (batch.isEmpty()) {
                check(admin, consumer, snapshot, positions);
                if (unsaved) {
                    snapshot.save(positions);
                    unsaved = false;
                }
                Map<TopicPartition, Long> ends = consumer.endOffsets(positions.keySet());
                if (once && positions.entrySet().stream().allMatch(each -> each.getValue() >= ends.get(each.getKey()))) {
                    return taken;
                }
            }
        }
    }

    public static void main(String[] given) throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", given[0], "enable.auto.commit", "false", "auto.offset.reset", "none", "isolation.level", "read_committed");
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", given[0]));
                Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            Snapshot snapshot = new Snapshot(Path.of(given[1]));
            long taken = follow(admin, consumer, snapshot, given.length > 2 && given[2].equals("once"));
            long alive = snapshot.entities.values().stream().filter(held -> held.record() != null).count();
            System.out.println(snapshot.topic() + ": " + alive + " entities, " + taken + " messages");
        } catch (Gap gap) {
            System.err.println("gap: " + gap.getMessage());
            System.err.println("hint: export a new snapshot with `cabin export entity` and load it in place of what you hold");
            System.exit(GAP);
        }
    }

    static String header(ConsumerRecord<byte[], byte[]> message, String name) {
        return new String(message.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (java.security.NoSuchAlgorithmException error) {
            throw new IllegalStateException(error);
        }
    }

    static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
