"""What questions are asked with, in any subject: words that say the same, little, or nothing.

Words are written as people write them; whoever reads this compares their stems. In `SAME` and `OPPOSITES`
each line is a group; a hyphen joins words that have the meaning only together.
"""

# What frames a question and says nothing of what is asked.
EMPTY = frozenset(
    "0 a about above according across actual actually after again against ago ahead aim all allow allows "
    "almost along already also although always am among amount an and another any anybody anyone anything "
    "anyway approach-to are around as ask at available away back background bad basic basically basics be "
    "became because become been before begin beginning behave behind being believe belong belongs below "
    "beside besides best better between beyond big bit both briefly bring but by came can cannot case "
    "certain clear clearly come common commonly complete completely concrete consider considered "
    "considering contain contains context core correct correctly could currently daily day-to-day "
    "definition depend depending depends describe description despite detail detailed did do does doing "
    "done during each easily effective effectively either else enable end enough ensure entire especially "
    "essential essentially etc even ever every everybody everyone everything exact exactly example "
    "exercise exist explain explanation fact familiar far favourite feel few find first follow following "
    "for found frequently from full fully fundamental fundamentals further furthermore general generally "
    "get give given go goes going gone good got great guarantee had happen hardly has have having he hear "
    "help hence her here him his hit hold how however i idea if illustrate imagine impact imply "
    "importance important in indeed inside instead into introduction involve involved is issue issues it "
    "its itself just keep kind kinds knew know known last later least let life like likely little long "
    "look lot made main mainly make manner many matter matters may maybe me mean meaning meant mechanic "
    "might mind mine more most mostly move moves much must my myself near nearly necessary need next nice "
    "no none normal normally notion now nowadays occur of off offer often ok old on once one ones only "
    "onto opinion or other others our out outline over overall overview own part particular past people "
    "per perhaps please plenty popular possible possibly potential practical practice present pretty "
    "principle probably proper properly provide purpose put question quick quickly quite rather reach "
    "ready real really recent recently regard regarding regards regular relate related relevant rely "
    "remain require responsible right roughly rule rules run said same say see seem seen serve several "
    "shall she short should show simple simply since situation so some somebody someone something "
    "sometimes soon sort specific specifically stand start stay still stop stuff style successful "
    "successfully such suddenly suggest summarise support suppose sure take taken takes taking talk tell "
    "term than that the their them themselves then there therefore these they thing think this those "
    "though thought three through throughout thus to today together too took toward towards try turn two "
    "typical typically under understand understanding understood unless until up upon us use used useful "
    "user using usual usually various very via walk want was way ways we well well-known went were what "
    "whatever when whenever where whether which while who whole whom whose why will wish with within word "
    "work worse worst worth would yes yet you your yours yourself aspect characteristic criterion "
    "criteria major biggest greatest professional professionally significance internals aware ideal english "
    "thorough thoroughly conceptually fundamentally essence world-class precise precisely".split()
)

# One meaning a line. Each says less than a word of the subject.
SAME = """
    large big
    debug find-out-why find-the-cause find-the-reason find-the-problem
    debug what-is-wrong what-is-going-on find-out-what-is-wrong reason root-cause
    strategy step steps option possibility way
    demonstrate prove show-that
    advantage pro-and-con pros-and-cons pro-and-con trade-off tradeoff
    result finding outcome conclusion
    motivate drive-you drives-you motivate-you motivates-you motivation
    messy dirty unclean clean cleaning cleanse
    suddenly abruptly drop-suddenly
    stakeholder audience executive
    present presentation pitch
    initiative proactive proactively
    mentor coach mentoring teach
    career long-term-goal five-year-plan in-five-years
    prevent avoid stop mitigate guard defend protect secure
    prevent safeguard protection prevention mitigation safe safely hardening harden combat
    reduce lower decrease minimise cut shrink smaller
    reduce less fewer lessen cheaper save-money keep-small small
    improve optimise optimisation faster speed slow slowly
    improve latency performance performant efficient efficiency tune improvement enhance speed-up
    increase raise boost grow growth
    choose pick select decide decision selection choice prefer preference
    difference differ different differentiate distinguish distinction
    difference compare comparison contrast versus vs instead
    handle deal cope manage tackle treat respond
    handle react-to resolve resolution solve settle overcome go-about you-react
    detect notice spot recognise identify discover detection find-out
    debug troubleshoot diagnose investigate diagnosis root-cause track-down
    create build write develop implement implementation code set-up setup
    create construct add introduce produce design architect architecture
    evaluate assess measure judge rate evaluation assessment
    evaluate metric quality measurement test verify check validate testing
    monitor watch observe track monitoring
    advantage benefit pro upside gain strength usefulness
    disadvantage drawback con downside weakness limitation shortcoming pitfall
    fix repair rectify
    error exception
    fail failure mistake unsuccessful wrong go-wrong
    succeed success achievement accomplish accomplishment achieve proud
    colleague coworker co-worker teammate peer team-member
    manager boss supervisor
    customer client consumer buyer
    company employer firm
    disagree disagreement conflict argument dispute clash get-along
    disagree difficult-colleague difficult-coworker difficult-person difficult-people
    deadline time-pressure short-notice little-time limited-time time-constraint
    deadline tight-schedule on-time in-time
    urgent urgency
    prioritise priority prioritisation
    delete remove erase
    update modify change edit
    send transmit
    store save persist storage keep-data
    large huge massive enormous
    scale scalability scalable scaling
    deploy deployment ship release launch roll-out rollout
    roll-back rollback revert undo
    page site website web-page web-site webpage web
    application app program
    phone iphone smartphone handset device
    parallel concurrent simultaneously concurrency
    strategy technique method approach procedure process mechanism tactic
    type variety category
    value entry record row
    reverse invert
    job position career
    join-company join-our-company work-here work-for-us work-at-our-company join-us work-for-our-company
    learn lesson taught pick-up
    complex complicated difficult hard challenging tough challenge
    split divide break break-up
    combine merge
    browser web-browser
    url address web-address
    message notification
    document documentation
    recover restore recovery
    message msg
    display render
    limit restrict constraint
    project assignment
    goal objective target
    plan planning
    enter type-a-url type-an-address
    technology tool
    outage down downtime incident
    cost expense price expensive spend
    multiple several many various
    overload overloaded
    frequent frequency
    remote remotely
    log logging
    deploy-model serve-model
    review reviewing
    prioritise first-thing do-first what-to-do-first come-first comes-first treat-first juggle
    bottleneck too-slow overload overloaded
    busy workload many-tasks several-tasks too-much-work
    stop kill terminate end shut-down
    miss-a-deadline missed-a-deadline fail-to-deliver failed-to-deliver miss-deadlines late-delivery
    attract appeal interested-in interest want-to-work want-to-join
    leave leaving look-for-a-new looking-for-a-new change-jobs changing-jobs
    weakness improve-about-yourself area-of-improvement areas-of-improvement
    achievement proudest accomplished
    teach explain-to mentoring
    calm composed
    angry upset furious shouting shout irate hostile rude
    difficult demanding
    get-along working-relationship
    hire-you choose-you right-person right-candidate best-candidate stand-out set-you-apart
    free release reclaim clean-up
    resolve figure-out
    speed how-fast fast quick
    big-o time-complexity complexity how-fast
    secure encrypt protect-against
    connect join link-together
    establish open set-up
    distribute spread balance
    copy clone duplicate
    cancel abort
    search look-up lookup find
    sort order
    swap exchange
    count how-many number-of
    check validate
    train onboard onboarding
    report reporting
    calculate work-out
    persuade buy-in on-board win-over
    obstacle hurdle blocker blocked
    mentor guide
    suddenly all-of-a-sudden out-of-nowhere
    crash fall-over go-down goes-down
    respond answer reply
    meet-expectations live-up-to
    workload several-projects multiple-projects competing-priorities
    workload competing-deadlines conflicting-priorities
    initiative without-being-asked own-initiative above-and-beyond extra-mile
    initiative more-than-was-expected more-than-expected more-than-you-had-to exceed-expectations
    alone independently on-your-own by-yourself individually
    rapport trust relationship
    decision hard-decision difficult-decision tough-decision
    colleague people-you-work-with team-mate
    job position
    hire recruit
    start-with begin-with
    conflict personality-clash
    busy-period peak-period
    unpopular not-agree disagreed
    learn get-up-to-speed
    strength best-quality good-at
    reason rationale
    budget money cost
    compensate pay
    describe-yourself tell-me-about-yourself your-background
    describe-yourself walk-me-through-your-resume walk-me-through-your-cv
    risk risky danger dangerous
    safe safety
"""

# One meaning a line too, of the words of a subject: those whose forms have different stems.
FORMS = """
    complain complaint
    fraud fraudulent
    expect expectation
    frustrate frustration
    explain explanation
    require requirement
    approve approval
    refuse refusal
    propose proposal
    analyse analysis
    confident confidence
    transparent transparency
    redundant redundancy
    consistent consistency
    persistent persistence
    accurate accuracy
    private privacy
    dns domain-name domain-name-system
    candidate hire hired hiring
    third-party external
    organise organisation structure structuring
    fine-tune fine-tuning finetune finetuning
    autoscale auto-scaling auto-scale autoscaling
    on-premise on-prem on-premises onprem
    layman non-technical without-a-technical-background no-technical-background not-technical
    layman business-audience business-people
    migrate migration move-to move-into
    jailbreak jailbreaking
    paginate pagination paginating
    employee staff
    penetration-test pentest penetration-testing
    optimistic-lock optimistic-locking optimistic-concurrency-control optimistic-concurrency
    pessimistic-lock pessimistic-locking pessimistic-concurrency-control
    exactly-once only-once
    postmortem post-mortem
    collect collector collection
    centre center
    consume consumption usage
    cause causation causal causality
    anomaly anomalous unusual abnormal
    life-cycle lifecycle
    real-time realtime
    thread-safe thread-safety
    reuse reusable reusability
    secret credential
    blue-green blue/green
    money amount currency
    statistic statistical statistically
    significant significance
    probable probability likelihood
    correlate correlation
    curious curiosity
    creative creativity
    flexible flexibility adaptable adaptability
    decide-quickly quick-decision
    hardware device-hardware
    dependent dependency
    transact transaction transactional
    integrate integration
    authentic authenticity
    vulnerable vulnerability
    forge forgery
    infect infection
    permit permission
    expire expiry expiration
    invalid invalidate invalidation
    replicate replication replica
    orchestrate orchestration orchestrator
    provision provisioning
    compress compression
    navigate navigation
    animate animation
    serialise serialisation serializer
    allocate allocation
    interrupt interruption
    recruit recruitment
    promote promotion
    relocate relocation
    normalise normalisation normal-form normalised
    authenticate authentication log-in login sign-in signin
    authorise authorisation access-control
    convert transform transformation
    crash crashing
    zero-downtime without-downtime no-downtime
    query querying statement
    duplicate duplication double
    attack exploit
    attacker hacker
    breach compromise
    schedule scheduling
    collaborate cooperate work-together collaboration
    criticism feedback criticise
    pressure stress stressful
    persuade convince influence
    salary pay compensation earn
    tell-me-about-yourself introduce-yourself
    up-to-date skills-current current-knowledge
    half-way halfway midway
    quit leave resign
    late late-arriving
    stream streaming
    missing absent
    leak leaking
    image picture photo
    encrypt encryption
    hide hidden
    communicate communication
    ambiguous ambiguity unclear uncertain uncertainty
    unit-test unit-testing
    hyperparameter tuning-parameter
    explainable interpretable interpretability explainability
    convolutional-network cnn
    password passphrase
    retry retries
    inheritance inherit
    recursive recursion
    asynchronous async
    synchronous sync
    synchronise synchronisation sync-data
    immutable immutability
    readable readability
    maintain maintenance maintainable
    responsive responsiveness
    accessible accessibility disability disabled
    available availability
    reliable reliability resilient resilience robust
    cache caching
    index indexing
    partition partitioning
    shard sharding
    train training
    explode exploding
    vanish vanishing
    cluster clustering
    classify classifier classification
    regress regression
    predict prediction
    embed embedding
    generate generation generative
    automate automation automatic automatically
    validate-input input-validation
    sanitise escape
    compute calculate calculation
    estimate estimation
    visualise visualisation chart plot graph
    aggregate aggregation
    sample sampling
    version versioning
    subscribe subscription
    refactor refactoring
    compile compiler compilation
    leader lead leadership
    negotiate negotiation
    delegate delegation
    idempotent idempotency idempotence
    atomic atomicity
    isolate isolation
    hallucinate hallucination
    imbalance imbalanced unbalanced
    connect connection connectivity
    attention self-attention attention-mechanism self-attention-mechanism
    missing-value missing-data null-value
    data-set dataset data
    https tls ssl
    garbage-collection garbage-collector memory-no-longer-used unused-memory memory-that-is-no-longer-used
    emergency-room er emergency-department accident-and-emergency
    relational-database sql-database rdbms
    horizontal-scaling scale-out scaling-out
    vertical-scaling scale-up scaling-up
    container containerise containerisation
    virtualise virtualisation virtual
    normal-distribution gaussian gaussian-distribution
    standard-deviation variance
    null-hypothesis hypothesis-test
    false-positive type-i-error type-1-error
    false-negative type-ii-error type-2-error
    overfit overfitting memorise-the-training-data
    underfit underfitting
    bias biased
    noise noisy
    outlier extreme-value
    dimension dimensionality dimensional
    decorate decorator
    iterate iterator iteration
    generator yield
    inject injection
    invert inversion
    abstract abstraction
    encapsulate encapsulation
    polymorphic polymorphism
    override overriding
    overload-a-method method-overloading
    compose composition
    event-driven event-based
    loosely-coupled loose-coupling decouple decoupling
    cohesive cohesion
    concurrent-access race-condition
    mutual-exclusion mutex
    thread multithreading multi-threading multithreaded
    memory-leak leaks-memory
    linked-list singly-linked-list
    binary-search-tree bst
    hash-collision collision
    big-o time-complexity
    load-balance load-balancer load-balancing
    rate-limit rate-limiting throttle throttling
    circuit-breaker circuit-breaking
    health-check healthcheck
    cold-start cold-starts
    user-story user-stories
    stand-up standup daily-scrum
    retrospective retro
    estimate time-estimate
    technical-debt tech-debt
    legacy legacy-code
    pull-request merge-request code-review
    merge-conflict conflicting-changes
    feature-flag feature-toggle
    continuous-integration ci
    continuous-delivery continuous-deployment cd
    os operating-system
    nat network-address-translation
    vpn virtual-private-network
    dhcp dynamic-host-configuration-protocol
    tcp transmission-control-protocol
    ssh secure-shell
    arp address-resolution-protocol
    bgp border-gateway-protocol
    vlan virtual-lan
    lan local-area-network
    acl access-control-list
    ids intrusion-detection-system
    pki public-key-infrastructure
    mitm man-in-the-middle
    rce remote-code-execution
    dry do-not-repeat-yourself
    di dependency-injection
    ioc inversion-of-control
    aop aspect-oriented-programming
    ddd domain-driven-design
    mvc model-view-controller
    jvm java-virtual-machine
    cli command-line-interface
    gui graphical-user-interface
    sdlc software-development-life-cycle
    poc proof-of-concept
    cap-theorem brewer-theorem
    csr client-side-rendering
    ssg static-site-generation
    eda exploratory-data-analysis
    mle maximum-likelihood maximum-likelihood-estimation
    rl reinforcement-learning
    computer-vision image-recognition
    roi return-on-investment
    npv net-present-value
    irr internal-rate-of-return
    wacc weighted-average-cost-of-capital
    cogs cost-of-goods-sold
    seo search-engine-optimisation
    crm customer-relationship-management
    ppe personal-protective-equipment
    icu intensive-care intensive-care-unit
    cpr resuscitation
    iv intravenous
    iep individual-education-plan
    gpu graphics-card
    auto-scaling-group asg
    patient sick-person
    nurse nursing
    diagnose diagnosis
    medicate medication medicine drug
    handover hand-over hand-off handoff
    student pupil learner
    classroom class lesson
    lesson-plan plan-a-lesson
    parent guardian
    discipline misbehave misbehaviour disruptive classroom-behaviour
    first-90-days first-three-months first-100-days first-month
    feature-engineering create-features engineer-features
    invoice bill
    depreciate depreciation
    profit earning profitable
    cash-flow run-out-of-cash
    balance-sheet statement-of-financial-position
    income-statement profit-and-loss p&l
    debt liability
    account accounting bookkeeping
    tax taxation
    audit auditor auditing
    budget budgeting
    forecast forecasting
    negotiate negotiation
    sell sale selling salesperson
    diverse diversity
    ethic ethical ethically
    honest honesty integrity
    adapt adaptation
    motivate motivated
    punctual punctuality
    hobby free-time spare-time outside-work
    unit-test test-in-isolation
    inherit subclass
    dead-code unused-code
    readable clean-code
    pure-function side-effect-free no-side-effects
    rerender re-render rendering
    lazy-load lazy-loading on-demand
    code-split code-splitting
    bundle bundler bundling
    semantic semantics
    keyboard keystroke
    rest restful
    status-code response-code
    endpoint url-path
    password-hash hash-password store-password
    salt salting
    phishing fake-email fraudulent-email
    malware virus
    patch security-update
    least-privilege minimal-permissions
    sql-injection injection-attack
    backup back-up
    disaster-recovery disaster
    latency response-time
    throughput requests-per-second
    downtime unavailable
    single-point-of-failure spof
    alert alerting
    log-file log-files
    disk-space disk-usage disk-full
    cpu processor
    ram memory
    cron scheduled-job scheduled-task
    subquery nested-query
    nested inner-query
    left-join left-outer-join
    second-highest second-largest
    top-n top-three top-3
    window-function over-clause
    transaction-isolation isolation-level
    normal-form 1nf 2nf 3nf
    surrogate-key artificial-key
    dimensional-model star-schema
    pipeline data-pipeline etl-pipeline
    data-quality bad-data dirty-data
    train-test-split split-the-data
    learning-rate step-size
    activation-function relu
    loss-function cost-function objective-function
    feature-importance important-features
    curse-of-dimensionality too-many-features high-dimensional
    class-imbalance imbalanced-class imbalanced-dataset imbalanced-data
    pretrained pre-trained transfer-learning
    prompt prompting
    context-window context-length
    vector-search similarity-search nearest-neighbour-search
    patient-safety safe-patient
    blood-pressure hypertension
    care-plan plan-of-care
    end-of-life dying-patient palliative
    family relative
    objection too-expensive price-objection
    cold-call cold-calling
    prospect potential-customer potential-client
    quota sales-target
    churn lose-customers leaving-customers
    retain retention
    brand branding
    campaign marketing-campaign
    user-research user-interview
    wireframe mockup prototype
    usability usable easy-to-use
    persona user-persona
    requirement-gathering gather-requirements collect-requirements elicit-requirements
    scope-creep growing-scope
    sprint iteration-of-scrum
    velocity team-speed
    burndown burn-down
    stakeholder-management manage-stakeholders
    accrual accrual-accounting
    working-capital current-assets-minus-current-liabilities
    valuation value-a-company
    dcf discounted-cash-flow
"""

# Each line: words of which one text has one where the other has another, if they ask for different things.
OPPOSITES = """
    differ create debug test
    i ii iii
    prevent debug monitor deploy evaluate store scale document choose detect create
    what-is test debug monitor scale deploy migrate
    open close
    inner outer left right full cross self
    horizontal vertical
    optimistic pessimistic
    increase reduce
    advantage disadvantage
    succeed fail
    give receive
    join leave lead
    before after
    upstream downstream
    input output
    encode decode
    encrypt decrypt
    commit revert
    push pull
    read write
    insert delete
    client server
    local remote global
    static dynamic
    implicit explicit
    internal external
    inbound outbound ingress egress
    minimum maximum
    first last
    encoder decoder
    training inference
    online offline
    synchronous asynchronous
    strong weak eventual
    supervised unsupervised reinforcement
    public private
    mutable immutable
    stateful stateless
    liveness readiness startup
    continuous discrete
    under over
    ascending descending
    batch stream
    row column
    colleague customer manager
    up down
    start stop
    past future
    structured unstructured
    homogeneous heterogeneous
    functional object
    relational document
    hard soft
    deep shallow
    blue canary
    rest transit
"""

# Words of the field that fit nearly any question: one more or one less changes little.
GENERAL = frozenset(
    "algorithm android answer api architecture area attack business call class cloud code component "
    "concern condition css data database day docker dom engineer engineering environment event expect "
    "experience feature field file flow form framework function git group html http input internal "
    "internally ios issue item java javascript key kotlin kubernetes language layer level library life "
    "line linux machine machine-learning management microservice model name network neural new number "
    "object operation option output parameter pattern person pipeline place point problem product "
    "production professional property python quality react reason relation request response rest result "
    "role rule scenario server service side size software solution spark sql standard structure swift "
    "system table task team tech technical time trade-off traffic typescript web world year".split()
)
