// The consumer of pom.xml by Gradle; the public workflow runs it with -Pmillio.version=... -Pmillio.staged=file:///...
plugins {
    application
}

repositories {
    maven(providers.gradleProperty("millio.staged").get())
    mavenCentral()
}

dependencies {
    implementation(platform("io.millio:mill-io-bom:${providers.gradleProperty("millio.version").get()}"))
    implementation("io.millio:mill-net")
    implementation("io.millio:mill-http")
    runtimeOnly("io.millio:mill-io-linux")
}

tasks.withType<JavaCompile> {
    options.release = 17
}

application {
    mainModule = "consumer"
    mainClass = "consumer.Consumer"
}
